"""A record as an applicant gets it."""

from dataclasses import replace

from bot.jobs.record_form import ProgressStep, RecordDocument, Section, Table

ISSUED_AT = 1_795_482_000_000

RECORD = RecordDocument(
    language="zh",
    headline="配租登记记录",
    subtitle="海淀区2026年第三批保障性租赁住房",
    number_label="登记编号",
    number="HD2603-7KQ4-XM2P",
    facts_title="登记信息",
    facts=(
        ("申请人", "王小明"),
        ("手机号", "13812348000"),
        ("证件类型", "居民身份证"),
        ("证件号码", "110101199003071234"),
        ("意向房源", "清河家园 · 一居室"),
        ("登记时间", "2026年11月24日 09:00"),
    ),
    progress_title="办理进度",
    progress=(
        ProgressStep(label="登记成功", done=True, when="2026年11月24日 09:00"),
        ProgressStep(label="资格审核", done=False),
        ProgressStep(label="摇号", done=False),
        ProgressStep(label="选房", done=False),
    ),
    sections=(
        Section(title="基本信息", rows=(("性别", "女"), ("出生日期", "1990年3月7日"), ("婚姻状况", "已婚"))),
        Section(
            title="工作与收入",
            rows=(
                ("工作单位", "北京安居科技发展（集团）有限公司海淀区清河街道第二分公司软件研发中心"),
                ("劳动合同", "2024年1月1日至2027年12月31日"),
                ("年收入", "120,000 元"),
            ),
        ),
    ),
    tables=(
        Table(
            title="家庭成员",
            head=("姓名", "关系", "证件号码", "年收入"),
            rows=(
                ("李四", "配偶", "110101198912121234", "96,000 元"),
                ("王大力", "子女", "110101201806011234", "0 元"),
            ),
        ),
    ),
    documents_title="证明材料",
    documents=(("身份证人像面", "1 张"), ("身份证国徽面", "1 张"), ("劳动合同", "2 张")),
    declaration_title="申请人承诺",
    declaration="本人承诺以上信息真实有效；如有虚假，愿意承担由此产生的法律责任。",
    issued="出具时间：2026年11月24日 09:00（北京时间）",
    issued_at=ISSUED_AT,
    footer="安居 · 北京市公共租赁住房配租服务\n核验方式：向机器人发送 check_7KQ4XM2P",
    page_label="第 {page} 页 / 共 {pages} 页",
    check="核验码 7KQ4XM2P",
)


def with_answers(*answers: tuple[str, str]) -> RecordDocument:
    """The record with one section of these answers."""
    return replace(RECORD, sections=(Section(title="填报信息", rows=answers),))
