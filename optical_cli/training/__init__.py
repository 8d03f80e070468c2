"""Training: one loop for teachers and students, objectives, checkpoints, selection.

`Loop` knows neither languages nor encoders; `Teaching` and `Distillation` are the two runs that the
command line offers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "validation.agreement": ["TeacherAgreement"],
        "distillation.run": ["Distillation"],
        "loop.loop": ["Loop"],
        "objectives": ["make_objective"],
        "teaching.run": ["Teaching"],
    },
)
