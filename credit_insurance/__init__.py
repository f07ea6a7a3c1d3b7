"""貸倒補償制度: group trade-credit insurance of small businesses, from the アンケート to the 加入者証."""
