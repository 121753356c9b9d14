"""Parts of the real world that some tests of the API need."""

from tests.services import redis_server

__all__ = ["redis_server"]
