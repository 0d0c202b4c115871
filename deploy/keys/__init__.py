"""The life of the keys that seal personal data: rotating, resealing, retiring."""
