"""Real servers for mail: Dovecot for IMAP, aiosmtpd for SMTP, both on loopback."""
