"""What a person sees, and the bundle on disk: page, document, card, and the folder that holds them."""
