"""What a user tells about himself."""

from portal.ui.fields import EmailField, KatakanaField, PhoneField, TextField
from portal.ui.forms import Form, Section


class OwnDataForm(Form):
    """お客様情報: copied into 担当者情報 of later applications."""

    name = TextField(label="氏名", kind="name", max_length=30, autocomplete="name")
    kana = KatakanaField(label="フリガナ", required=False)
    department = TextField(label="所属部署", kind="name", max_length=40, required=False)
    post = TextField(label="役職", kind="name", max_length=40, required=False, autocomplete="organization-title")
    phone = PhoneField(label="電話", required=False)
    fax = PhoneField(label="FAX", required=False, autocomplete="fax tel")
    email = EmailField(label="メール", hint="変更するときは、現在のパスワードも入力してください。")

    sections = (Section("担当者", ["name", "kana", "department", "post", "phone", "fax", "email"]),)
