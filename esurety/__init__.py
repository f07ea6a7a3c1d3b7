"""電子保証: application, certificate and 認証キー for contractors (/surety/), verification by the 発注者 (/verify/)."""
