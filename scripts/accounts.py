"""Print the demo accounts, given as JSON on standard input, as a table."""

import json
import sys

accounts = json.load(sys.stdin)
print("\n  Demo accounts (development only)\n")
for account in accounts:
    print(f"  {account['login']:<24}{account['password']:<22}{account['portal'] or '':<10}{account['role']}")
