"""Which peers count as one: what limits by network address count by."""

from functools import lru_cache
from ipaddress import IPv4Address, ip_address


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """
    Return what is counted as one peer: an IPv4 address, or the /64 an IPv6 host chooses from.

    What is no address, as of a Unix socket, is a peer of its own.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv4Address):
        return address
    return str(ip.ipv4_mapped or int(ip) >> 64)
