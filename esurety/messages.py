"""Sentences of the e-surety portal that several pages say."""

NEUTRAL = "保証契約番号または認証キーが正しくありません。お手元の「認証キーのお知らせ」をご確認ください。"
"""The one answer to a wrong number, a wrong key, another body's certificate and a locked pair (esurety.md 4.2)."""

SUBMISSION_IS_THE_KEY = (
    "認証キーを提出することが「保証証書の提出」となります。「新規」「変更」「訂正」のいずれも忘れずに提出してください。"
)
