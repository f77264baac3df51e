// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// net/core/net_namespace.c: a namespace has an id for another one once an interface's peer was told
// of (rtnl_fill_link_netnsid), so interfaces are listed first. net/ipv4/devinet.c and
// net/ipv6/addrconf.c list the addresses of the namespace with an id (IFA_TARGET_NETNSID), where
// strict checking is on. libmnl writes the requests.
#include "natstat/intake/linked_namespaces.hpp"

#include "attributes.hpp"
#include "natstat/model/socket_address.hpp"
#include "netlink.hpp"

#include <cerrno>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr const char* doing = "look at the namespaces that are linked to this one";
using Message = std::span<const std::uint8_t>;

/// Of a message with this head behind that of netlink.
template <std::size_t max, typename Head>
std::optional<std::pair<Head, Attributes<max>>> read(const Message& message) {
    constexpr AttributeSizes<max> any_size{};
    std::pair<Head, Attributes<max>> parts{};
    const std::size_t before = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(Head));
    if (message.size() < before)
        return std::nullopt;
    std::memcpy(&parts.first, message.data() + NLMSG_HDRLEN, sizeof(Head));
    if (!parts.second.read(message.subspan(before), any_size))
        return std::nullopt;
    return parts;
}

template <std::size_t max>
std::optional<Address> address_in(const Attributes<max>& attributes, std::size_t type,
                                  Family family) {
    return attributes.has(type) && attributes[type].size() == address_size(family)
               ? std::optional(make_address(family, attributes[type].data()))
               : std::nullopt;
}

std::optional<LinkedNamespaces::Id> id_in(const Message& message) {
    const auto parts = read<NETNSA_NSID, rtgenmsg>(message);
    if (!parts || !parts->second.has(NETNSA_NSID) ||
        parts->second[NETNSA_NSID].size() != sizeof(LinkedNamespaces::Id))
        return std::nullopt;
    LinkedNamespaces::Id id = NETNSA_NSID_NOT_ASSIGNED;
    std::memcpy(&id, parts->second[NETNSA_NSID].data(), sizeof id);
    return id >= 0 ? std::optional(id) : std::nullopt;
}

/// In an answer to RTM_GETADDR; `most` is the widest scope (rtnetlink(7)) that is too narrow.
std::optional<Address> address_in(const Message& message, unsigned most) {
    const auto parts = read<IFA_LOCAL, ifaddrmsg>(message);
    if (!parts || parts->first.ifa_scope >= most)
        return std::nullopt;
    const Family family = family_of(parts->first.ifa_family);
    if (family == Family::none) // others have addresses, too
        return std::nullopt;
    return address_in(parts->second, parts->second.has(IFA_LOCAL) ? IFA_LOCAL : IFA_ADDRESS,
                      family);
}

} // namespace

struct LinkedNamespaces::Conversation {
    NetlinkSocket socket = open_netlink(NETLINK_ROUTE, 0, doing);
    std::vector<std::uint8_t> request = std::vector<std::uint8_t>(1024);
    std::vector<std::uint8_t> room = std::vector<std::uint8_t>(64 * 1024);
    std::uint32_t sequence = 0;
    std::optional<Id> own; // of this namespace itself, where somebody has given it one

    /// The next request, with room for a head and some attributes.
    template <typename Head>
    std::pair<nlmsghdr*, Head*> begin(std::uint16_t type, int flags, void* at) {
        nlmsghdr* const message = mnl_nlmsg_put_header(at);
        message->nlmsg_type = type;
        message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        message->nlmsg_seq = ++sequence;
        return {message, static_cast<Head*>(mnl_nlmsg_put_extra_header(message, sizeof(Head)))};
    }

    void send(const void* bytes, std::size_t size) const {
        if (mnl_socket_sendto(socket.get(), bytes, size) < 0)
            fail(doing, errno);
    }

    /// Messages until `take` has had enough.
    template <typename Take>
    void receive(Take&& take) {
        while (true) {
            const Received received = receive_from(socket, room);
            if (received.error == EINTR || received.foreign)
                continue;
            if (received.error != 0)
                fail(doing, received.error);
            auto bytes = Message(room).first(received.size);
            while (const auto message = next_message(bytes))
                if (!take(header_of(*message), *message))
                    return;
        }
    }

    /// Each message of a list; an error ends it.
    template <typename Take>
    void dump(const nlmsghdr& asked, Take&& take) {
        send(&asked, asked.nlmsg_len);
        receive([&](const nlmsghdr& head, const Message& message) {
            if (head.nlmsg_seq != asked.nlmsg_seq)
                return true;
            if (head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR)
                return false;
            take(message);
            return true;
        });
    }

    /// Addresses of the namespace with this id; absent: of this one. Of every family at once.
    std::vector<Address> addresses(std::optional<Id> id, unsigned most) {
        std::vector<Address> found;
        const auto [message, head] = begin<ifaddrmsg>(RTM_GETADDR, NLM_F_DUMP, request.data());
        head->ifa_family = AF_UNSPEC;
        if (id)
            mnl_attr_put_u32(message, IFA_TARGET_NETNSID, static_cast<std::uint32_t>(*id));
        dump(*message, [&](const Message& answer) {
            if (const auto address = address_in(answer, most))
                found.push_back(*address);
        });
        return found;
    }

    /// The ids of what the numbers stand for, by this attribute.
    std::vector<std::optional<Id>> ids(std::uint16_t type, std::span<const std::uint32_t> numbers) {
        constexpr std::size_t at_once = 64; // their answers have room in the socket
        std::vector<std::optional<Id>> result;
        result.reserve(numbers.size());
        while (!numbers.empty()) {
            const auto some = numbers.first(std::min(at_once, numbers.size()));
            const auto found = some_ids(type, some);
            result.insert(result.end(), found.begin(), found.end());
            numbers = numbers.subspan(some.size());
        }
        return result;
    }

    std::vector<std::optional<Id>> some_ids(std::uint16_t type,
                                            std::span<const std::uint32_t> numbers) {
        std::vector<std::optional<Id>> result(numbers.size());
        std::vector<std::uint8_t> bytes(numbers.size() * 64);
        std::size_t size = 0;
        const std::uint32_t first = sequence + 1;
        for (const std::uint32_t number : numbers) {
            const auto [message, head] = begin<rtgenmsg>(RTM_GETNSID, 0, bytes.data() + size);
            head->rtgen_family = AF_UNSPEC;
            mnl_attr_put_u32(message, type, number);
            size += NLMSG_ALIGN(message->nlmsg_len);
        }
        send(bytes.data(), size);
        std::size_t left = numbers.size();
        receive([&](const nlmsghdr& head, const Message& message) {
            const std::uint32_t number = head.nlmsg_seq - first;
            if (number >= result.size())
                return true;
            if (head.nlmsg_type == RTM_NEWNSID)
                result[number] = id_in(message);
            return --left != 0;
        });
        for (auto& each : result)
            if (each && each == own)
                each.reset();
        return result;
    }
};

LinkedNamespaces::LinkedNamespaces() : conversation_(std::make_unique<Conversation>()) {
    const int on = 1;
    mnl_socket_setsockopt(conversation_->socket.get(), NETLINK_GET_STRICT_CHK,
                          const_cast<int*>(&on), sizeof on);
    const auto [message, head] =
        conversation_->begin<ifinfomsg>(RTM_GETLINK, NLM_F_DUMP, conversation_->request.data());
    head->ifi_family = AF_UNSPEC;
    mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    conversation_->dump(*message, [](const Message&) {});
    const auto self = static_cast<std::uint32_t>(getpid());
    conversation_->own = conversation_->ids(NETNSA_PID, {&self, 1}).front();
}

LinkedNamespaces::~LinkedNamespaces() = default;

std::vector<std::optional<LinkedNamespaces::Id>>
LinkedNamespaces::of_processes(std::span<const std::uint32_t> processes) {
    return conversation_->ids(NETNSA_PID, processes);
}

std::vector<std::optional<LinkedNamespaces::Id>>
LinkedNamespaces::of_files(std::span<const std::uint32_t> files) {
    return conversation_->ids(NETNSA_FD, files);
}

std::vector<Address> LinkedNamespaces::addresses(Id id) {
    return conversation_->addresses(id, RT_SCOPE_LINK);
}

std::vector<Address> LinkedNamespaces::own_addresses() {
    return conversation_->addresses(std::nullopt, RT_SCOPE_NOWHERE);
}

std::vector<std::pair<Address, LinkedNamespaces::Mac>> LinkedNamespaces::neighbours() {
    std::vector<std::pair<Address, Mac>> found;
    const auto [message, head] =
        conversation_->begin<ndmsg>(RTM_GETNEIGH, NLM_F_DUMP, conversation_->request.data());
    head->ndm_family = AF_UNSPEC;
    conversation_->dump(*message, [&](const Message& answer) {
        const auto parts = read<NDA_LLADDR, ndmsg>(answer);
        // What needs no answer of a host's is made up of the address: multicast and the like.
        if (!parts || (parts->first.ndm_state & NUD_NOARP) != 0 || !parts->second.has(NDA_LLADDR) ||
            parts->second[NDA_LLADDR].size() != std::tuple_size_v<Mac>)
            return;
        const auto address = address_in(parts->second, NDA_DST, family_of(parts->first.ndm_family));
        Mac mac;
        std::memcpy(mac.data(), parts->second[NDA_LLADDR].data(), mac.size());
        if (address)
            found.emplace_back(*address, mac);
    });
    return found;
}

} // namespace natstat
