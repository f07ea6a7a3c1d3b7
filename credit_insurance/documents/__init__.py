"""The papers of the 貸倒補償制度 (credit_insurance.md 11): what each says, and its kind."""
