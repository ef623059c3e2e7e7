"""Users by occupation."""

from harness.builtin.groupings._user_label import UserLabel


class Occupation(UserLabel):
    """A group per value of the users' column ``occupation``, as the data set writes it."""

    name = "occupation"
    summary = "users by occupation"
    requires = ("occupation",)
