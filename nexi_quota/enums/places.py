"""Countries and currencies that a new database starts with (nexi.md 4.6, 2.5)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """国: three-digit code (統計国名符号) with the names shown."""

    code: str
    name_ja: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Currency:
    """通貨: ISO 4217 code, Japanese name, number of decimals an amount may have."""

    code: str
    name_ja: str
    decimals: int

    @property
    def label(self) -> str:
        """Text of the option, such as 「USD 米ドル」."""
        return f"{self.code} {self.name_ja}"


IRAN, IRAQ = "133", "134"

# The five suspended countries have invented codes (600, 690 to 693): theirs are not among the codes that were found.
_COUNTRIES = """
103 大韓民国|Republic of Korea
105 中国|China
106 台湾|Taiwan
107 モンゴル|Mongolia
108 香港|Hong Kong
110 ベトナム|Viet Nam
111 タイ|Thailand
112 シンガポール|Singapore
113 マレーシア|Malaysia
116 ブルネイ|Brunei
117 フィリピン|Philippines
118 インドネシア|Indonesia
120 カンボジア|Cambodia
121 ラオス|Laos
122 ミャンマー|Myanmar
123 インド|India
124 パキスタン|Pakistan
125 スリランカ|Sri Lanka
126 モルディブ|Maldives
127 バングラデシュ|Bangladesh
128 東ティモール|Timor-Leste
131 ネパール|Nepal
133 イラン|Iran
134 イラク|Iraq
137 サウジアラビア|Saudi Arabia
147 アラブ首長国連邦|United Arab Emirates
151 アルメニア|Armenia
154 キルギス|Kyrgyzstan
157 ジョージア|Georgia
205 英国|United Kingdom
207 オランダ|Netherlands
210 フランス|France
213 ドイツ|Germany
218 スペイン|Spain
220 イタリア|Italy
224 ロシア|Russia
302 カナダ|Canada
304 アメリカ合衆国|United States of America
305 メキシコ|Mexico
307 ホンジュラス|Honduras
308 ベリーズ|Belize
310 ニカラグア|Nicaragua
319 バルバドス|Barbados
335 セントクリストファー・ネービス|Saint Kitts and Nevis
410 ブラジル|Brazil
512 ギニアビサウ|Guinea-Bissau
518 トーゴ|Togo
525 ニジェール|Niger
532 コンゴ共和国|Republic of the Congo
533 コンゴ民主共和国|Democratic Republic of the Congo
538 エチオピア|Ethiopia
544 セーシェル|Seychelles
549 ジンバブエ|Zimbabwe
551 南アフリカ|South Africa
554 ザンビア|Zambia
558 コモロ|Comoros
600 アフガニスタン|Afghanistan
601 オーストラリア|Australia
606 ニュージーランド|New Zealand
690 イエメン|Yemen
691 中央アフリカ|Central African Republic
692 ハイチ|Haiti
693 南スーダン|South Sudan
"""

COUNTRIES: dict[str, Country] = {
    line[:3]: Country(line[:3], *line[4:].split("|")) for line in _COUNTRIES.strip().splitlines()
}

CURRENCIES: dict[str, Currency] = {
    currency.code: currency
    for currency in (
        Currency("JPY", "日本円", 0),
        Currency("USD", "米ドル", 2),
        Currency("EUR", "ユーロ", 2),
        Currency("GBP", "英ポンド", 2),
        Currency("CHF", "スイスフラン", 2),
        Currency("CAD", "カナダドル", 2),
        Currency("AUD", "豪ドル", 2),
        Currency("NZD", "ニュージーランドドル", 2),
        Currency("SGD", "シンガポールドル", 2),
        Currency("HKD", "香港ドル", 2),
        Currency("CNY", "人民元", 2),
        Currency("KRW", "韓国ウォン", 0),
        Currency("TWD", "台湾ドル", 2),
        Currency("THB", "タイバーツ", 2),
        Currency("INR", "インドルピー", 2),
        Currency("SEK", "スウェーデンクローナ", 2),
        Currency("NOK", "ノルウェークローネ", 2),
        Currency("DKK", "デンマーククローネ", 2),
    )
}
