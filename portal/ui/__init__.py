"""Everything a page needs and no business: fields, renderer, frame, error pages."""
