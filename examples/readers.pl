#!/usr/bin/perl
# Readers and a writer: a file that is rewritten in place is read by many at a time, always whole.
# A writer waits for the readers that are there, and later readers wait for the writer.
#
#	readers.pl table.csv                      prints it
#	make-table | readers.pl table.csv -       rewrites it
use strict;
use warnings;

my ($file, $write) = @ARGV;
my $lock = ($ENV{LOKT_MOUNT} // '/mnt/lokt') . '/locks/file-' . ($file =~ tr/A-Za-z0-9.-/_/cr);

if ($write) {
	my @lines = <STDIN>; # before the lock: nobody waits for a slow source
	open my $hold, '<', $lock or die "$lock: $!\n";
	open my $out, '>', $file or die "$file: $!\n";
	print $out @lines;
	close $out or die "$file: $!\n"; # before the lock is released
} else {
	open my $hold, '<', "$lock\@shared" or die "$lock: $!\n";
	open my $in, '<', $file or die "$file: $!\n";
	print while <$in>;
}
