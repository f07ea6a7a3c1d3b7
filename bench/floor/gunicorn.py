"""The portal's web server without its relay."""

from portal.gunicorn import bind, control_socket_disable, graceful_timeout, threads, timeout, worker_class, workers

__all__ = ["bind", "control_socket_disable", "graceful_timeout", "threads", "timeout", "worker_class", "workers"]
