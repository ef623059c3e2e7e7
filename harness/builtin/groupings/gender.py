"""Users by gender."""

from harness.builtin.groupings._user_label import UserLabel


class Gender(UserLabel):
    """A group per value of the users' column ``gender``, as the data set writes it."""

    name = "gender"
    summary = "users by gender"
    requires = ("gender",)
