"""What the list of deliveries is narrowed to."""

from django import forms

from campaigns.models import DeliveryState, Target


class DeliveryFilter(forms.Form):
    """It lives in the address, and a value that makes no sense narrows nothing."""

    target = forms.ChoiceField(required=False, choices=[("", "Anybody"), *Target.choices], label="For")
    state = forms.ChoiceField(required=False, choices=[("", "Any state"), *DeliveryState.choices])
    campaign = forms.CharField(required=False, max_length=300, label="Campaign")
