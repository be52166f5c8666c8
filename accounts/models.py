"""People, the tree of offices, memberships with dates, API clients."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.querysets import MembershipQuerySet
from accounts.roles import Act, Role
from common.models import Record


class OfficeKind(models.TextChoices):
    GOVERNMENT = "government", _("政府")
    CITY_OFFICE = "city_office", _("市项目办")
    BUREAU = "bureau", _("部门")
    COUNTY = "county", _("县（市、区）")
    ZONE = "zone", _("功能区")
    UNIT = "unit", _("项目单位")


class Office(Record):
    """A node of the tree of offices. `path` is the chain of codes from the root: `/410700/410700-JTJ/`."""

    code = models.TextField(_("代码"), unique=True)
    name = models.TextField(_("名称"))
    kind = models.TextField(_("类别"), choices=OfficeKind.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    path = models.TextField(_("路径"), unique=True, db_collation="C")

    class Meta:
        verbose_name = _("单位")
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=models.Q(kind=OfficeKind.CITY_OFFICE), name="only_one_city_project_office"),
            models.CheckConstraint(
                condition=models.Q(path__startswith="/", path__endswith="/"), name="office_path_begins_and_ends_with_slash"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, Record):
    """A person. May exist without a user name and password, as somebody who is only told."""

    username = models.TextField(_("用户名"), unique=True, null=True, blank=True)
    name = models.TextField(_("姓名"))
    email = models.EmailField(_("电子邮箱"), blank=True)
    phone = models.TextField(_("办公电话"), blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("单位"))
    is_active = models.BooleanField(_("在用"), default=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = BaseUserManager()

    class Meta:
        verbose_name = _("人员")
        indexes = [models.Index(fields=["office"], name="user_by_office")]

    def __str__(self) -> str:
        return self.name


class Membership(Record):
    """A role in an office between two days. A deputy is a row with both dates and the one who delegated."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("人员"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("单位"))
    role = models.TextField(_("角色"), choices=Role.choices)
    valid_from_on = models.DateField(_("自"), null=True, blank=True)
    valid_until_on = models.DateField(_("至"), null=True, blank=True)
    delegated_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("委托人"))
    delegation_reason = models.TextField(_("委托原因"), blank=True, default="", db_default="")

    declined_on = models.DateField(_("谢绝日"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_until_on__isnull=True)
                | models.Q(valid_from_on__isnull=True)
                | models.Q(valid_until_on__gte=models.F("valid_from_on")),
                name="membership_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(delegated_by__isnull=True) | models.Q(valid_from_on__isnull=False, valid_until_on__isnull=False),
                name="a_deputy_has_both_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(declined_on__isnull=True) | models.Q(delegated_by__isnull=False), name="only_a_deputy_declines"
            ),
        ]
        indexes = [models.Index(fields=["office", "role"], name="membership_by_office")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiClient(Record):
    """A key to the API, stored as a digest. With a user it acts as that person, cut to its scopes."""

    name = models.TextField(_("名称"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("单位"))
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("人员"))
    scopes = ArrayField(models.TextField(choices=Act.choices), verbose_name=_("权限范围"))
    key_prefix = models.TextField(_("密钥前缀"), unique=True)
    key_digest = models.TextField(_("密钥摘要"))
    expires_at = models.DateTimeField(_("失效时间"))
    last_used_at = models.DateTimeField(_("最近使用"), null=True, blank=True)

    class Meta:
        verbose_name = _("接口客户端")

    def __str__(self) -> str:
        return self.name
