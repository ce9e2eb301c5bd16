"""Which addresses a request may go to: only those that are the public Internet's."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

#: IPv4 addresses as translators spell them in IPv6 (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
#: What Python, or IANA itself, takes for global, and is not.
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # Azure's platform, from inside any machine of Azure
            "192.0.0.0/24",  # protocols' own; Oracle's metadata at .192
            "fec0::/10",  # site-local: deprecated, and still routed by some
        ),
    )
)


def is_public(text: str) -> bool:
    """Whether an IP address, as a socket gets it, is neither private, local nor reserved."""
    address = _innermost(ip_address(text.partition("%")[0]))
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _innermost(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address
