"""What a superuser does once: keys, database roles, broker users and the topology.

Everything here may be repeated safely; services never have these rights themselves.
The whole of it is `deploy.bootstrap.run.bootstrap`.
"""

from deploy.bootstrap.accounts import SERVICES, Administrator, Passwords, ServicePasswords
from deploy.bootstrap.failure import DeployError

__all__ = [
    "SERVICES",
    "Administrator",
    "DeployError",
    "Passwords",
    "ServicePasswords",
]
