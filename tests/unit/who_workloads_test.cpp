// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Names of containers, leases, and who had an address when: as runtimes and servers write them, and
// as somebody within a container would like to have them read.
#include "who/cgroup.hpp"
#include "who/container_names.hpp"
#include "who/leases.hpp"
#include "who/small_file.hpp"
#include "who/workload_history.hpp"

#include "directory.hpp"
#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <sys/stat.h>

using namespace natstat;
using namespace natstat::test;
using std::chrono::seconds;

namespace {

const std::string one(64, 'a');
const std::string two(64, 'b');

std::string container(std::string_view cgroups) {
    const auto found = container_in(cgroups);
    return found ? found->id : "-";
}

std::string leased(const LeasedNames& names, std::string_view of) {
    const auto found = names.find(address(of));
    return found == names.end() ? "-" : found->second;
}

Time at(int time) {
    return Time{seconds{1'000'000 + time}};
}

} // namespace

TEST_CASE("workloads: control groups of every runtime", "[who]") {
    CHECK(container("0::/system.slice/docker-" + one + ".scope\n") == one);
    CHECK(container("12:pids:/docker/" + one + "\n11:cpu:/docker/" + one + "\n") == one);
    CHECK(container("0::/machine.slice/libpod-" + one + ".scope/container") == one);
    CHECK(container("1:name=systemd:/libpod_parent/libpod-" + one) == one);
    CHECK(container("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + one +
                    ".scope") == one);
    CHECK(container("0::/kubepods.slice/kubepods-burstable.slice/"
                    "kubepods-burstable-pod12ab_34.slice/cri-containerd-" +
                    one + ".scope") == one);
    CHECK(container("0::/kubepods/besteffort/pod12ab-34/" + one) == one);
    CHECK(container("0::/kubepods.slice/kubepods-pod1.slice/crio-" + one + ".scope") == one);
    CHECK(container("0::/lxc.payload.web-1/init.scope") == "web-1");
    CHECK(container("4:memory:/lxc/old/x") == "old");
    CHECK(container("0::/machine.slice/machine-my\\x2dbox.scope/payload") == "my-box");
    CHECK(container("0::/machine.slice/systemd-nspawn@guest.service/payload") == "guest");
}

TEST_CASE("workloads: what is no container's control group, or within one", "[who]") {
    for (const std::string_view each :
         {"", "\n", "0::/", "0::/init.scope", "0::/user.slice/user-0.slice/session-1.scope",
          "0::/system.slice/docker.service", "0::/system.slice/docker-abc.scope", "x",
          "0::/machine.slice/machine-.scope", "0::/lxc.payload."})
        CHECK(container(each) == "-");
    CHECK(container("0::/system.slice/docker-" + one + ".scope/docker-" + two + ".scope") == one);
    CHECK(container("0::/docker/" + one + "/lxc.payload.other") == one);
}

TEST_CASE("workloads: names out of the runtimes' files", "[who]") {
    const Directory root;
    const std::string three(64, 'c');
    const std::string four(64, 'd');
    root.write("var/lib/docker/containers/" + one + "/config.v2.json",
               R"({"State":{"Name":"not this"},"Name":"/shop-api","Config":{"Name":"nor this"}})");
    root.write("var/lib/docker/containers/" + two + "/config.v2.json",
               R"({"Name":"/k8s_POD_web-7f9_production_uid_0"})");
    root.write("var/lib/containers/storage/vfs-containers/containers.json",
               R"([{"id":")" + three + R"(","names":["db","alias"],"layer":"x"},{"id":")" + four +
                   R"(","names":["k8s_app_api-0_staging_uid_1"]}])");
    root.write("var/log/containers/web-1_default_nginx-" + std::string(64, 'e') + ".log", "");
    root.write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + std::string(64, 'f') +
                   "/config.json",
               R"({"annotations":{"io.kubernetes.cri.sandbox-name":"dns-0",
                   "io.kubernetes.cri.sandbox-namespace":"kube-system"}})");
    ContainerNames names(root.path());
    CHECK(names.name_of(one) == "shop-api");
    CHECK(names.name_of(two) == "production/web-7f9");
    CHECK(names.name_of(three) == "db");
    CHECK(names.name_of(four) == "staging/api-0");
    CHECK(names.name_of(std::string(64, 'e')) == "default/web-1");
    CHECK(names.name_of(std::string(64, 'f')) == "kube-system/dns-0");
    CHECK_FALSE(names.name_of(std::string(64, '0')));
}

TEST_CASE("workloads: Docker's directory is where its daemon says", "[who]") {
    const Directory root;
    root.write("etc/docker/daemon.json", R"({"data-root":"/data/docker"})");
    root.write("data/docker/containers/" + one + "/config.v2.json", R"({"Name":"/moved"})");
    CHECK(ContainerNames(root.path()).name_of(one) == "moved");
}

TEST_CASE("workloads: what somebody else has put there is not followed and not read whole",
          "[who]") {
    const Directory root;
    const std::string base = "var/lib/docker/containers/";
    const std::string secret = root.write("secret.json", R"({"Name":"/secret"})");
    root.write(base + two + "/config.v2.json", std::string(std::size_t{5} << 20, ' '));
    std::filesystem::create_directories(root.path() + "/" + base + one);
    std::filesystem::create_symlink(secret, root.path() + "/" + base + one + "/config.v2.json");
    const std::string link(64, 'c');
    std::filesystem::create_directory_symlink(root.path() + "/" + base + two,
                                              root.path() + "/" + base + link);
    const std::string fifo(64, 'd');
    std::filesystem::create_directories(root.path() + "/" + base + fifo);
    REQUIRE(mkfifo((root.path() + "/" + base + fifo + "/config.v2.json").c_str(), 0600) == 0);
    ContainerNames names(root.path());
    CHECK_FALSE(names.name_of(one));
    CHECK_FALSE(names.name_of(two));
    CHECK_FALSE(names.name_of(link));
    CHECK_FALSE(names.name_of(fifo)); // and nobody is waited for
    CHECK_FALSE(names.name_of("../../../../secret.json\0"));
    root.write(base + std::string(64, 'e') + "/config.v2.json",
               "{\"Name\":\"/x\"" + std::string(100'000, '['));
    CHECK(names.name_of(std::string(64, 'e')) == "x"); // what came before it nested too deeply
}

TEST_CASE("workloads: dnsmasq's leases", "[who]") {
    LeasedNames names;
    take_dnsmasq_leases("1764500000 52:54:00:12:34:56 192.0.2.10 printer 01:52:54:00:12:34:56\n"
                        "1764500000 52:54:00:12:34:57 192.0.2.11 * *\n"
                        "duid 00:01:00:01\n"
                        "1764500000 1193046 2001:db8::10 laptop 00:01\n"
                        "nonsense\n1 2 3\n",
                        names);
    CHECK(names.size() == 2);
    CHECK(leased(names, "192.0.2.10") == "printer");
    CHECK(leased(names, "2001:db8::10") == "laptop");
}

TEST_CASE("workloads: the leases of ISC's server that are active", "[who]") {
    LeasedNames names;
    take_isc_leases(R"(# a comment
lease 192.0.2.20 {
  starts 1 2026/11/30 08:00:00;
  binding state active;
  next binding state free;
  hardware ethernet 52:54:00:12:34:56;
  client-hostname "camera";
}
lease 192.0.2.21 {
  binding state active;
  client-hostname "gone";
}
lease 192.0.2.21 {
  binding state free;
  client-hostname "gone";
}
lease 192.0.2.22 {
  binding state active;
}
)",
                    names);
    CHECK(names.size() == 1);
    CHECK(leased(names, "192.0.2.20") == "camera");
}

TEST_CASE("workloads: Kea's leases, by the names of their columns", "[who]") {
    LeasedNames names;
    take_kea_leases("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,"
                    "hostname,state,user_context,pool_id\n"
                    "192.0.2.30,52:54:00:12:34:56,,3600,1764500000,1,0,0,tv.example.,0,,0\n"
                    "192.0.2.31,52:54:00:12:34:57,,3600,1764500000,1,0,0,old,0,,0\n"
                    "192.0.2.31,52:54:00:12:34:57,,3600,1764500000,1,0,0,old,2,,0\n"
                    "192.0.2.32\n",
                    names);
    take_kea_leases("address,duid,valid_lifetime,hostname,state\n2001:db8::30,00:01,3600,six,0\n",
                    names);
    take_kea_leases("no columns\n192.0.2.33,x\n", names);
    CHECK(names.size() == 2);
    CHECK(leased(names, "192.0.2.30") == "tv.example");
    CHECK(leased(names, "2001:db8::30") == "six");
}

TEST_CASE("workloads: libvirt's leases, and ethers", "[who]") {
    LeasedNames names;
    take_libvirt_leases(R"([{"ip-address":"192.0.2.40","mac-address":"52:54:00:00:00:01",
        "hostname":"vm1","expiry-time":1},{"hostname":"vm2","ip-address":"192.0.2.41"},
        {"ip-address":"192.0.2.42"}])",
                        names);
    CHECK(names.size() == 2);
    CHECK(leased(names, "192.0.2.40") == "vm1");
    CHECK(leased(names, "192.0.2.41") == "vm2");
    const auto ethers = parse_ethers("# ours\n52:54:0:12:34:56 nas # in the cellar\nx y\n");
    REQUIRE(ethers.size() == 1);
    CHECK(ethers.begin()->second == "nas");
    CHECK(to_text(ethers.begin()->first) == "52:54:00:12:34:56");
    for (const std::string_view no : {"", "52:54:00:12:34", "52:54:00:12:34:56:78", "1:2:3:4:5:100",
                                      "52-54-00-12-34-56", "::::::"})
        CHECK_FALSE(parse_mac(no));
}

TEST_CASE("workloads: a flow belongs to who had its address when it began", "[who]") {
    WorkloadHistory history;
    const Address asked = address("192.0.2.1");
    CHECK(history.name(asked, at(0)).empty());
    history.update({{asked, "first"}}, at(10));
    CHECK(history.name(asked, std::nullopt) == "first");
    CHECK(history.name(asked, at(-100)) == "first");
    history.update({}, at(20)); // it has ended
    CHECK(history.name(asked, std::nullopt) == "first");
    history.update({{asked, "second"}}, at(30));
    CHECK(history.name(asked, std::nullopt) == "second");
    CHECK(history.name(asked, at(15)) == "first");
    CHECK(history.name(asked, at(25)) == "second"); // it came after the look before
    history.update({{asked, "first"}}, at(40));
    CHECK(history.name(asked, at(50)) == "first");
    CHECK(history.name(asked, at(25)) == "second");
    for (int i = 0; i < 100; ++i)
        history.update({{asked, std::to_string(i)}}, at(100 + i));
    CHECK(history.name(asked, std::nullopt) == "99");
    CHECK(history.name(address("192.0.2.2"), std::nullopt).empty());
}
