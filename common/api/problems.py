"""Every problem the API can answer with: code, status, and a sentence about what to do. The docs pages are made from this."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Problem(NamedTuple):
    status: int
    title: Any
    remedy: Any


PROBLEMS: dict[str, Problem] = {
    "validation": Problem(400, _("输入有误"), _("按 errors 逐条改正：pointer 指出字段，detail 说明原因。未作任何修改。")),
    "unknown_parameter": Problem(400, _("未知的查询参数"), _("删去或改正该参数；可用的参数见接口文档。")),
    "idempotency_key_required": Problem(400, _("缺少幂等键"), _("资金类请求须带 Idempotency-Key 请求头，重试时沿用同一个键。")),
    "not_authenticated": Problem(401, _("未登录"), _("在请求头中带上 Authorization: Bearer <令牌>。")),
    "permission_denied": Problem(403, _("无权操作"), _("联系本单位管理员核对角色；GET /api/v1/me/ 列出现有权限。")),
    "same_person": Problem(403, _("不能审批自己的申请"), _("请另一位有权限的人审批。")),
    "not_found": Problem(404, _("无此内容"), _("不存在，或无权查看；两种情况的回答相同。")),
    "method_not_allowed": Problem(405, _("不支持该方法"), _("可用的方法见 Allow 响应头。")),
    "conflict": Problem(409, _("与当前状态冲突"), _("重新读取后再试。")),
    "illegal_transition": Problem(409, _("没有这样的阶段变更"), _("可变更到的阶段见 allowed。")),
    "blocked": Problem(409, _("条件未满足"), _("先办完 blockers 列出的事项。")),
    "insufficient_balance": Problem(409, _("余额不足"), _("可用余额见 available。")),
    "already_achieved": Problem(409, _("节点已完成"), _("如需更正，先撤销完成。")),
    "not_achieved": Problem(409, _("节点尚未完成"), _("没有可撤销的完成记录。")),
    "already_dated": Problem(409, _("节点已有日期"), _("改变应完成日期须申请调整。")),
    "already_decided": Problem(409, _("已处理"), _("重新读取，查看处理结果。")),
    "already_reversed": Problem(409, _("已冲正"), _("同一笔只能冲正一次。")),
    "predecessor_open": Problem(409, _("前序节点未完成"), _("先完成前序节点，或由审核人写明原因后放行。")),
    "duplicate": Problem(409, _("重复"), _("已有相同的记录，请核对。")),
    "in_use": Problem(409, _("仍被使用"), _("不能删除；项目请改为退库。")),
    "idempotency_in_flight": Problem(409, _("同一请求正在处理"), _("按 Retry-After 等待后重试。")),
    "feed_expired": Problem(410, _("变更游标已失效"), _("重新完整读取一次，再从新的游标继续。")),
    "precondition_failed": Problem(412, _("已被他人修改"), _("重新读取，核对 conflicting_fields 后用新的 ETag 再提交。")),
    "too_large": Problem(413, _("请求过大"), _("分批提交；文件请压缩后再传，照片最大 15 MB，PDF 最大 30 MB。")),
    "unsupported_media_type": Problem(
        415, _("不支持的内容类型"), _("使用 application/json；上传文件（/evidence/）使用 multipart/form-data。")
    ),
    "not_acceptable": Problem(406, _("不支持的返回类型"), _("使用 Accept: application/json。")),
    "unprocessable": Problem(422, _("不符合规则"), _("按 errors 的说明改正。")),
    "future_date": Problem(422, _("日期晚于今天"), _("事实不能发生在将来；预计的日期请报预测。")),
    "ineligible_use": Problem(422, _("负面清单内的用途"), _("换用途，或由有权人写明放行原因。")),
    "read_only": Problem(422, _("字段不能直接修改"), _("detail 说明该用哪个调用。")),
    "idempotency_mismatch": Problem(422, _("同一幂等键、不同内容"), _("换一个新的键。")),
    "precondition_required": Problem(428, _("缺少 If-Match"), _("先读取，再把其 ETag 放入 If-Match 提交。")),
    "throttled": Problem(429, _("请求过于频繁"), _("按 Retry-After 等待。")),
    "internal": Problem(500, _("系统内部错误"), _("未作修改。请把 instance 告诉系统管理员。")),
}
