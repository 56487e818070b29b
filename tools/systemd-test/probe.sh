#!/bin/sh
# Attempts what a service that was taken over would try, and prints what it could do. Attempts
# that begin with "may" are those that the gateway needs.

attempt() {
    claim=$1
    shift
    if "$@" >/dev/null 2>&1; then
        echo "allowed: $claim"
    else
        echo "denied: $claim"
    fi
}

in_shell() {
    attempt "$1" sh -c "$2"
}

in_shell "may write its log folder" 'echo >/var/log/framegate/probe && rm /var/log/framegate/probe'
in_shell "may write to /tmp, its own" 'echo >/tmp/probe'
in_shell "may read its configuration" 'cat /etc/framegate/framegate.toml'
in_shell "write to /etc" 'echo >/etc/framegate/probe'
in_shell "write to /usr" 'echo >/usr/probe'
in_shell "write to /var/lib" 'echo >/var/lib/probe'
in_shell "write to /run" 'echo >/run/probe'
in_shell "write to /dev/shm" 'echo >/dev/shm/probe && test ! -e /proc/self/nothing'
in_shell "see /home" 'ls /home/someone'
in_shell "read /root" 'ls /root'
in_shell "read /etc/shadow" 'cat /etc/shadow'
in_shell "see other processes" 'test -e /proc/1/status'
in_shell "read the kernel's log" 'dmesg'
in_shell "change kernel parameters" 'echo 1 >/proc/sys/kernel/sysrq'
in_shell "change control groups" 'mkdir /sys/fs/cgroup/systemd/probe || mkdir /sys/fs/cgroup/probe'
in_shell "read a disk" 'ls /dev/vda /dev/sda /dev/nvme0n1 /dev/kmsg | grep -q .'
in_shell "make a device" 'mknod /tmp/null c 1 3'
in_shell "mount" 'mount -t tmpfs none /tmp'
in_shell "make a user namespace" 'unshare --user true'
in_shell "make a network namespace" 'unshare --net true'
in_shell "change the host's name" 'hostname probe'
in_shell "set the clock" 'date --set "2001-01-01"'
in_shell "use netlink sockets" 'ip link show'
in_shell "make a set-user-id file" 'cp /bin/true /tmp/true && chmod u+s /tmp/true'
in_shell "become root" 'setpriv --reuid=0 true'
in_shell "take a real-time priority" 'chrt --fifo 10 true'
in_shell "raise its priority" 'nice -n -5 sh -c "test \$(nice) -lt 0"'
