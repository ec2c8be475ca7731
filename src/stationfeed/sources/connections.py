"""Connections to addresses that may be asked: each name is resolved once, and what was checked is connected to."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

if TYPE_CHECKING:
    import requests
    from urllib3.connection import HTTPConnection

    from stationfeed.sources.deadline import Deadline

_HOUSE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("127.0.0.0/8", "::1/128"),
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
        "100.64.0.0/10",  # that of a carrier, and of private networks laid over the public one
    )
)
# What `IPFilterAdapter` takes for public: addresses of version 4 in those of version 6, and sites' own of old.
_NOT_PUBLIC = (ipaddress.ip_network("::/96"), ipaddress.ip_network("fec0::/10"))


class PublicAdapter(IPFilterAdapter):
    """Connects to public addresses only; raises InvalidIPAddress."""

    def __init__(self, deadline: Deadline, *, is_https: bool) -> None:
        super().__init__(is_https_proto=is_https)
        self._deadline = deadline

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._deadline)
        return pool

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        address = ipaddress.ip_address(host["host"].strip("[]"))
        if any(address in network for network in _NOT_PUBLIC):
            raise InvalidIPAddress(address)
        return host, tls


class HouseAdapter(PublicAdapter):
    """Connects to the house's own addresses as well, but never to those of one wire, such as 169.254.169.254."""

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        host, tls = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
        name, port = host["host"], host["port"]
        address = _first_address(name)
        if not any(address in network for network in _HOUSE):
            return super().build_connection_pool_key_attributes(request, verify, cert)
        request.headers["Host"] = (f"[{name}]" if ":" in name else name) + (f":{port}" if port else "")
        names = {"assert_hostname": name, "server_hostname": name} if self._is_https_proto else {}
        pinned = f"[{address}]" if address.version == 6 else str(address)
        return {**host, "host": pinned}, {**tls, **names}


def _first_address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)[0][4][0]
    address = ipaddress.ip_address(found)
    return getattr(address, "ipv4_mapped", None) or address


def _watched(kind: type[HTTPConnection], deadline: Deadline) -> type[HTTPConnection]:
    class Watched(kind):  # type: ignore[valid-type, misc]  # plain or TLS, as the pool has it
        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    return Watched
