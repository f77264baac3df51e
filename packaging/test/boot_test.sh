#!/usr/bin/env bash
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later

# boot_test.sh [DIRECTORY]: the units of the metrics and of the NAT log under a real systemd: a Debian root of its own, natstat's package in
# it, booted in a container (systemd-nspawn) with a network of its own, where node_exporter serves what the
# units wrote. DIRECTORY has packages that were built before; without it they are built. Run on demand, as root;
# it needs mmdebstrap, systemd-container and Debian's mirror. What is booted is never this machine's root.

set -uo pipefail
here=$(realpath "$(dirname "$0")")
tree=$(realpath "$here/../..")
# shellcheck source=SCRIPTDIR/../../tests/kernel/judge.sh
source "$tree/tests/kernel/judge.sh"
needs mmdebstrap systemd-nspawn dpkg-buildpackage dh

work=$(mktemp -d)
root=$work/natstat-boot
trap 'rm -rf --one-file-system "$work"' EXIT
textfiles=/var/lib/prometheus/node-exporter file=/run/natstat/natstat.prom

must() {
    succeeds "$@"
    ((failed == 0)) || finish
}

make_root() {
    timeout 3600 mmdebstrap --quiet --variant=apt --dpkgopt=force-unsafe-io \
        --include=systemd,systemd-sysv,libnss-systemd,prometheus-node-exporter,conntrack,nftables,iproute2,curl \
        --customize-hook="copy-in $work/natstat.deb /opt" \
        --customize-hook='chroot "$1" apt-get -q -y --install-recommends install /opt/natstat.deb' bookworm "$root"
}

# What is asked inside, one answer in a file of /answers; it ends with the machine.
write_questions() {
    cat >"$root/questions" <<END
#!/bin/sh
mkdir /answers
answer() { name=\$1; shift; "\$@" >/answers/\$name 2>&1; echo \$? >/answers/\$name.status; }
answer unit systemctl is-enabled natstat-metrics.service natstat-metrics.socket natstat-log.service
ip link set lo up
nft add table ip nat
nft 'add chain ip nat post { type nat hook postrouting priority 100; }'
for port in 50001 50002 50003; do
    conntrack -I -p tcp -s 192.0.2.1 -d 203.0.113.1 --sport \$port --dport 80 --state ESTABLISHED -t 1000 \\
        --src-nat 198.51.100.1
done >/dev/null 2>&1
# However long it takes; what never comes is told by what is missing.
file_comes() {
    for tries in \$(seq 2000); do
        [ ! -e $file ] || return 0
        sleep 0.2
    done
}
# What another user could lay where root writes, if it were in a directory of theirs.
echo precious >/root/precious
for name in natstat.prom natstat.prom.new; do
    setpriv --reuid=prometheus --clear-groups ln -s /root/precious $textfiles/\$name
    setpriv --reuid=prometheus --clear-groups ln -s /root/precious /run/natstat/\$name
done 2>/dev/null
answer once systemctl start natstat-metrics.service
file_comes
cp $file /answers/
stat -c '%U %a' $file >/answers/file
cp /root/precious /answers/
rm -f $textfiles/natstat.prom*
ln -s $file $textfiles/
answer enabled systemctl enable --now natstat-metrics.service natstat-metrics.socket
rm $file
file_comes
answer socket curl -s http://127.0.0.1:9834/metrics
answer scraped curl -s http://127.0.0.1:9100/metrics
# The log: a beginning is in it, also one after a restart, and after it was killed.
in_log() {
    for tries in \$(seq 2000); do
        natstat -n -f /var/lib/natstat -p tcp --no-header port \$1 2>/dev/null | grep -q 192.0.2.1 && return
        sleep 0.2
    done
    return 1
}
translate() {
    conntrack -I -p tcp -s 192.0.2.1 -d 203.0.113.1 --sport \$1 --dport 443 --state ESTABLISHED -t 1000 \\
        --src-nat 198.51.100.1 >/dev/null 2>&1
    in_log \$1
}
answer log systemctl enable --now natstat-log.service
answer log_first translate 50011
answer log_again systemctl restart natstat-log.service
answer log_second translate 50012
main=\$(systemctl show -P MainPID natstat-log.service)
kill -KILL \$main
for tries in \$(seq 2000); do
    now=\$(systemctl show -P MainPID natstat-log.service)
    [ "\$now" = 0 ] || [ "\$now" = "\$main" ] || break
    sleep 0.2
done
answer log_third translate 50013
answer log_place stat -L -c '%U %a' /var/lib/natstat
answer log_files find /var/lib/natstat/ -name 'nat-*.db' -printf '%u %m\n'
answer log_stop systemctl stop natstat-log.service
answer log_score systemd-analyze security --threshold=20 natstat-log.service
answer failed systemctl --no-legend --failed
answer removed apt-get -q -y purge natstat
answer left find /etc/systemd /lib/systemd /usr/lib/systemd /run -name 'natstat*'
touch /answers/all
systemctl poweroff
END
    chmod +x "$root/questions"
    printf '[Unit]\nAfter=multi-user.target\n[Service]\nType=oneshot\nExecStart=/questions\n' \
        >"$root/etc/systemd/system/questions.service"
    ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
    mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
    ln -s ../questions.service "$root/etc/systemd/system/multi-user.target.wants/"
}

boot() {
    timeout --kill-after=10 3600 systemd-nspawn --directory="$root" --boot --private-network --register=no --keep-unit \
        --kill-signal=SIGRTMIN+4 </dev/null
}

answers() { [[ $(<"$root/answers/$1") == "$2" ]] || { cat "$root/answers/$1" && false; }; }
ended_with() { [[ $(<"$root/answers/$1.status") == "$2" ]] || { cat "$root/answers/$1" && false; }; }
tells() { grep -qxF -- "$2" "$root/answers/$1" || { cat "$root/answers/$1" && false; }; }

packages=${1:-$work/packages}
[[ ${1:-} ]] || must "the packages" timeout 3600 env DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" \
    "$tree/packaging/debian/build.sh" "$packages"
must "one of them" cp "$packages"/natstat_*.deb "$work/natstat.deb"
must "a root with it" make_root
write_questions
must "it boots, and ends" boot
must "all was asked" test -e "$root/answers/all"

succeeds "nothing is switched on by installing" answers unit "$(printf 'disabled\ndisabled\ndisabled')"
succeeds "the service runs" ended_with once 0
succeeds "no link of another user's is followed" answers precious precious
for line in 'natstat_nf_conntrack_entries 3' 'natstat_flows{kind="snat",proto="tcp",state="ESTABLISHED"} 3' \
    'natstat_nat_ports_in_use{gate="198.51.100.1",proto="tcp",dst="203.0.113.1",dport="80"} 3' '# EOF'; do
    succeeds "the file has: $line" tells natstat.prom "$line"
done
succeeds "the file is its own user's, and everybody's to read" answers file "natstat-metrics 644"
succeeds "the units can be switched on" ended_with enabled 0
succeeds "the socket answers with it" tells socket 'natstat_nf_conntrack_entries 3'
succeeds "node_exporter serves what it wrote" tells scraped 'natstat_nf_conntrack_entries 3'
succeeds "the log is ready when systemd says so" ended_with log 0
succeeds "a translation is in it" ended_with log_first 0
succeeds "it can be started again" ended_with log_again 0
succeeds "and goes on" ended_with log_second 0
succeeds "also after it was killed" ended_with log_third 0
succeeds "its directory is its own" answers log_place "natstat-log 750"
succeeds "its files are for few" answers log_files "natstat-log 640"
succeeds "it ends" ended_with log_stop 0
succeeds "its score is 2.0 or better" ended_with log_score 0
succeeds "no unit has failed" answers failed ""
succeeds "the package can be removed" ended_with removed 0
succeeds "nothing of the units is left" answers left ""
finish
