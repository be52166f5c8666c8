"""What is typed into the row of a duty: few fields, today filled in, what was typed kept with what is wrong beside it."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import DomainError
from portal.forms import typed
from portal.forms.typed import Unread
from portal.templatetags import words

LONG, SHORT = 2000, 200  # characters that reasons and document numbers may have, as in the API
NARRATIVE = 10_000  # the same of what a month says
PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
PHOTOS = {"file": "photos", "evidence": "photos"}  # where the services speak of files, the row has one field


class Day(forms.CharField):
    """A day, in any of the ways people write one."""

    def __init__(self, *, until_today: bool = False, **kwargs: Any) -> None:
        self.until_today = until_today
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)

    def clean(self, value: Any) -> dt.date | None:
        text = super().clean(value)
        try:
            return typed.day(text, today=self.today, is_ahead=not self.until_today) if text else None
        except Unread as unread:
            raise forms.ValidationError(str(unread)) from unread

    today = dt.date.max  # of the form, from its beginning


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class Photos(forms.FileField):
    """Photos of the site, taken at once on a phone; what they are is judged by their content, below."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ManyFiles(attrs={"accept": "image/*", "multiple": True, "class": ""}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(Photos, self).clean(one, initial) for one in data or []]


class Wan(forms.CharField):
    """An amount in 万元 unless it names its unit; nothing at all may be done in a month."""

    def clean(self, value: Any) -> Decimal | None:
        text = typed.plain(super().clean(value))
        try:
            return Decimal(0) if text and not text.strip("0.") else typed.amount(text, unit=words.WAN).yuan if text else None
        except Unread as unread:
            raise forms.ValidationError(str(unread)) from unread


class Percent(forms.CharField):
    def clean(self, value: Any) -> Decimal | None:
        bare = typed.plain(super().clean(value)).rstrip("%").strip()
        if bare and not PERCENT.fullmatch(bare):
            raise forms.ValidationError(_("请填 0 到 100 的数，最多两位小数，如 46.5。"))
        if bare and Decimal(bare) > 100:
            raise forms.ValidationError(_("形象进度不能超过 100。"))
        return Decimal(bare) if bare else None


class DutyForm(forms.Form):
    """Of one row: `key` makes the ids of its fields unique on the page."""

    def __init__(self, data: Any = None, files: Any = None, *, key: str = "duty", today: dt.date, initial: Any = None) -> None:
        super().__init__(data, files, auto_id=f"{key}-%s", use_required_attribute=False, initial=initial)
        for field in self.fields.values():
            field.error_messages["required"] = _("必填。")
            field.widget.attrs.setdefault("class", "input")
            if isinstance(field, Day):
                field.today = today
                field.initial = today if field.until_today else None
                field.widget.attrs |= {"max": today.isoformat()} if field.until_today else {"min": today.isoformat()}

    def refuse(self, refusal: DomainError) -> bool:
        """Put what a service refused beside the fields it names; True when each has found its place."""
        placed = 0
        for fault in refusal.faults:
            path = [PHOTOS.get(str(part), part) for part in reversed(fault.path)]
            name = next((part for part in path if part in self.fields), None)
            if name is not None:
                self.add_error(str(name), str(fault.detail))
                placed += 1
        return bool(refusal.faults) and placed == len(refusal.faults)

    def mark(self) -> None:
        """Tell readers and styles which fields are wrong; the first of them gets the focus."""
        wrong = [name for name in self.fields if name in self.errors]
        for name in wrong:
            self.fields[name].widget.attrs["aria-invalid"] = "true"
        for name in (wrong or list(self.fields))[:1]:
            self.fields[name].widget.attrs["autofocus"] = True


class AchieveForm(DutyForm):
    """What is given says whether the step asks for proof, without which the service refuses it, and whether what comes before is open.

    The reason to pass over that is asked for then, and where the service says that it happened later.
    """

    on = Day(label=gettext_lazy("实际完成日期"), until_today=True)
    photos = Photos(label=gettext_lazy("现场照片（可不传）"), required=False)
    note = forms.CharField(label=gettext_lazy("说明（可不填）"), required=False, max_length=LONG)
    override_reason = forms.CharField(label=gettext_lazy("越过前置节点的原因（由审核人填写）"), required=False, max_length=LONG)

    def __init__(self, *args: Any, initial: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=initial, **kwargs)
        if initial and initial.get("needs_photo"):
            self.fields["photos"].label = _("现场照片（必需）")
        self.asks_override = bool(initial and initial.get("is_blocked"))

    def refuse(self, refusal: DomainError) -> bool:
        self.asks_override |= any(fault.code == "before_predecessor" for fault in refusal.faults)
        return super().refuse(refusal)

    def mark(self) -> None:
        if not self.asks_override and not self["override_reason"].value():
            self.fields["override_reason"].widget = forms.HiddenInput()
        super().mark()


class ForecastForm(DutyForm):
    forecast_on = Day(label=gettext_lazy("预测完成日期"))
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=LONG)


class PayForm(DutyForm):
    paid_on = Day(label=gettext_lazy("归集日"), until_today=True)
    document_no = forms.CharField(label=gettext_lazy("文号（可不填）"), required=False, max_length=SHORT)


class NoteForm(DutyForm):
    note = forms.CharField(label=gettext_lazy("退回原因"), max_length=LONG)


class ReportForm(DutyForm):
    """One month. The two reasons are asked for only where the service asks for them, and stay while they say something."""

    invested = Wan(label=gettext_lazy("本月完成投资（万元）"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    physical_percent = Percent(label=gettext_lazy("形象进度（%）"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    narrative = forms.CharField(label=gettext_lazy("本月进展"), max_length=NARRATIVE, widget=forms.Textarea(attrs={"rows": 4}))
    plan_reason = forms.CharField(label=gettext_lazy("超计划原因"), required=False, max_length=LONG)
    correction_reason = forms.CharField(label=gettext_lazy("更正说明"), required=False, max_length=LONG)

    def refuse(self, refusal: DomainError) -> bool:
        """A percent that falls may be true: then its reason is asked for."""
        is_placed = super().refuse(refusal)
        self.asked = {"plan_reason": "plan_reason" in self.errors, "correction_reason": "physical_percent" in self.errors}
        return is_placed

    def mark(self) -> None:
        asked = getattr(self, "asked", {})
        for name in ("plan_reason", "correction_reason"):
            if not asked.get(name) and not self[name].value():
                self.fields[name].widget = forms.HiddenInput()
        super().mark()


class CloseForm(DutyForm):
    on = Day(label=gettext_lazy("销号日"), until_today=True)
    photos = Photos(label=gettext_lazy("佐证照片（可不传）"), required=False)
    note = forms.CharField(label=gettext_lazy("如何解决"), required=False, max_length=LONG)


class CompleteForm(DutyForm):
    on = Day(label=gettext_lazy("办结日"), until_today=True)
    photos = Photos(label=gettext_lazy("批文照片（可不传）"), required=False)
    number = forms.CharField(label=gettext_lazy("批文号（可不填）"), required=False, max_length=SHORT)
