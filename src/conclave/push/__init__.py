"""Web Push: what reaches browsers whose page is closed (RFC 8030, 8188, 8291, 8292)."""
