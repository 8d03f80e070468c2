"""Charts as inline SVG, colored by the page's style sheet so that dark and light both read well."""
