"""The product's settings with Django's admin added, which benchmarks/audit_pages.py compares the product with."""

from cxadmin import settings as product

globals().update({name: getattr(product, name) for name in dir(product) if name.isupper()})

INSTALLED_APPS = ["django.contrib.admin", *product.INSTALLED_APPS]
ROOT_URLCONF = "benchmarks.admin_urls"
