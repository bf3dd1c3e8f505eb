# Sourced by the scripts that set up the environment, in the project's root.

# Waits until no other set-up works on this checkout, and keeps it until this process and what it
# started have ended, however they end: the kernel lets go of a lock whose file nobody has open.
# flock(1) is on every Linux, Perl on macOS; a machine with neither is set up without a lock.
take_the_lock() {
    exec 9>.setup.lock
    if command -v flock >/dev/null; then
        flock 9
    elif command -v perl >/dev/null; then
        perl -MFcntl=:flock -e 'open(my $file, ">&=", 9) or die $!; flock($file, LOCK_EX) or die $!'
    fi
}
