"""What a person is told when something expected goes wrong."""


class DeployError(Exception):
    """An expected failure, worded for the person who must act on it.

    Its text is one line that names what is wrong and what changes it; the command line prints
    it and exits with 1, without a traceback.
    """
