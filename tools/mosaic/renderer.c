/* See renderer.h. */
#include "mosaic/renderer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mosaic/screen/render.h"
#include "say.h"
#include "when.h"

#define PATIENCE_MS 2000

static _Noreturn void renderer_run(const struct mosaic *mosaic, int link)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(render_run(mosaic, link));
}

int renderer_start(struct renderer *renderer, const struct mosaic *mosaic)
{
	int ends[2], err = link_open(ends);

	*renderer = (struct renderer){.link = -1};
	if (err)
		return err;
	render_keep();
	fflush(stdout);
	renderer->pid = fork();
	if (renderer->pid == 0) {
		close(ends[0]);
		renderer_run(mosaic, ends[1]);
	}
	err = renderer->pid < 0 ? errno : 0;
	close(ends[1]);
	if (err) {
		renderer->pid = 0;
		close(ends[0]);
		return err;
	}
	renderer->link = ends[0];
	return 0;
}

char renderer_key(struct renderer *renderer)
{
	struct link_word word;

	while (renderer->link >= 0 && link_receive(renderer->link, &word, sizeof(word)) > 0) {
		renderer->word = word;
		if (word.key)
			return word.key;
	}
	return 0;
}

void renderer_tell(struct renderer *renderer, const struct link_news *news)
{
	if (renderer->link >= 0)
		link_send(renderer->link, news, sizeof(*news));
}

static void renderer_close(struct renderer *renderer)
{
	renderer->pid = 0;
	if (renderer->link >= 0)
		close(renderer->link);
	renderer->link = -1;
}

void renderer_ended(struct renderer *renderer, int status, bool expected)
{
	renderer_key(renderer);
	renderer_close(renderer);
	render_restore();
	if (expected)
		return;
	if (WIFSIGNALED(status))
		say("the drawing ended: %s; it goes on in lines", strsignal(WTERMSIG(status)));
	else
		say("the drawing ended; it goes on in lines");
}

void renderer_suspend(struct renderer *renderer)
{
	int64_t start = when_ms();
	int status;

	if (renderer->pid)
		kill(renderer->pid, SIGTSTP); /* should it not have come to all of us */
	while (renderer->pid && when_ms() - start < PATIENCE_MS) {
		if (waitpid(renderer->pid, &status, WUNTRACED | WNOHANG) == renderer->pid) {
			if (!WIFSTOPPED(status))
				renderer_ended(renderer, status, false);
			break;
		}
		usleep(5000);
	}
	raise(SIGSTOP);
	if (renderer->pid)
		kill(renderer->pid, SIGCONT);
}

void renderer_stop(struct renderer *renderer, const struct link_news *last)
{
	struct link_news over = *last;
	int64_t start = when_ms();
	int status = 0;
	pid_t pid = 0;

	if (!renderer->pid)
		return;
	over.over = true;
	renderer_tell(renderer, &over);
	while (pid == 0) {
		pid = waitpid(renderer->pid, &status, WNOHANG);
		if (pid == 0 && when_ms() - start > PATIENCE_MS)
			kill(renderer->pid, SIGKILL);
		if (pid == 0)
			usleep(5000);
	}
	renderer_key(renderer);
	renderer_close(renderer);
	if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
		render_restore();
}
