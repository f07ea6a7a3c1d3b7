"""輸出者ポータル: 個別保証枠等に関する手続き (NEXI web service, chapter 10)."""
