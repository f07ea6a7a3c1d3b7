"""金融機関ポータル: 残高・区分照会, what it is computed from, and who may use it."""
