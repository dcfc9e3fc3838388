"""The published language of Drempel and its log. Holds no business rule."""
