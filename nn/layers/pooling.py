"""Pooling: one number for every window of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autograd import Tensor
from nn import functional
from nn.module import Module


class _Pool(Module):
    rank: ClassVar[int]

    def _function(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(functional, f"{name}{self.rank}d")
        return found


class _MaxPool(_Pool):
    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Any) -> Any:
        """Return the largest entries, and their indices if wanted."""
        return self._function("max_pool")(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )


class _AvgPool(_Pool):
    divisor_override: int | None = None

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode, self.count_include_pad = padding, ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Any) -> Tensor:
        """Return the means."""
        pooled: Tensor = self._function("avg_pool")(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )
        return pooled


class _LPPool(_Pool):
    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> None:
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, input: Any) -> Tensor:
        """Return the norms."""
        pooled: Tensor = self._function("lp_pool")(input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)
        return pooled


class _AdaptiveMaxPool(_Pool):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Any) -> Any:
        """Return the largest entries, and their indices if wanted."""
        return self._function("adaptive_max_pool")(input, self.output_size, self.return_indices)


class _AdaptiveAvgPool(_Pool):
    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def forward(self, input: Any) -> Tensor:
        """Return the means."""
        pooled: Tensor = self._function("adaptive_avg_pool")(input, self.output_size)
        return pooled


class _MaxUnpool(_Pool):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Tensor:
        """Return the entries where the indices say, and zeros elsewhere."""
        image: Tensor = self._function("max_unpool")(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )
        return image


class MaxPool1d(_MaxPool):
    """The largest entry of every window of (…, L); where some tie the first has the gradient.

    >>> import numpy as np
    >>> MaxPool1d(2)(np.ones((1, 2, 4))).shape
    (1, 2, 2)
    """

    rank = 1


class MaxPool2d(_MaxPool):
    """The largest entry of every window of (…, H, W); where some tie the first has the gradient.

    >>> import numpy as np
    >>> MaxPool2d(2)(np.ones((1, 2, 4, 4))).shape
    (1, 2, 2, 2)
    """

    rank = 2


class MaxPool3d(_MaxPool):
    """The largest entry of every window of (…, D, H, W); where some tie the first has the gradient.

    >>> import numpy as np
    >>> MaxPool3d(2)(np.ones((1, 2, 4, 4, 4))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3


class AvgPool1d(_AvgPool):
    """The mean of every window of (…, L), zeros of the padding included or not.

    >>> import numpy as np
    >>> AvgPool1d(2)(np.ones((1, 2, 4))).shape
    (1, 2, 2)
    """

    rank = 1

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)


class AvgPool2d(_AvgPool):
    """The mean of every window of (…, H, W), zeros of the padding included or not.

    >>> import numpy as np
    >>> AvgPool2d(2)(np.ones((1, 2, 4, 4))).shape
    (1, 2, 2, 2)
    """

    rank = 2


class AvgPool3d(_AvgPool):
    """The mean of every window of (…, D, H, W), zeros of the padding included or not.

    >>> import numpy as np
    >>> AvgPool3d(2)(np.ones((1, 2, 4, 4, 4))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3


class LPPool1d(_LPPool):
    """(Σ xᵖ)^(1/p) of every window of (…, L), with p = ``norm_type``.

    >>> import numpy as np
    >>> LPPool1d(2, 2)(np.ones((1, 2, 4))).shape
    (1, 2, 2)
    """

    rank = 1


class LPPool2d(_LPPool):
    """(Σ xᵖ)^(1/p) of every window of (…, H, W), with p = ``norm_type``.

    >>> import numpy as np
    >>> LPPool2d(2, 2)(np.ones((1, 2, 4, 4))).shape
    (1, 2, 2, 2)
    """

    rank = 2


class LPPool3d(_LPPool):
    """(Σ xᵖ)^(1/p) of every window of (…, D, H, W), with p = ``norm_type``.

    >>> import numpy as np
    >>> LPPool3d(2, 2)(np.ones((1, 2, 4, 4, 4))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest entries of as many windows of (…, L) as asked for, which cover it evenly.

    >>> import numpy as np
    >>> AdaptiveMaxPool1d(2)(np.ones((1, 2, 4))).shape
    (1, 2, 2)
    """

    rank = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest entries of as many windows of (…, H, W) as asked for, which cover it evenly.

    >>> import numpy as np
    >>> AdaptiveMaxPool2d(2)(np.ones((1, 2, 4, 4))).shape
    (1, 2, 2, 2)
    """

    rank = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest entries of as many windows of (…, D, H, W) as asked for, which cover it evenly.

    >>> import numpy as np
    >>> AdaptiveMaxPool3d(2)(np.ones((1, 2, 4, 4, 4))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The means of as many windows of (…, L) as asked for, which cover it evenly.

    >>> import numpy as np
    >>> AdaptiveAvgPool1d(2)(np.ones((1, 2, 4))).shape
    (1, 2, 2)
    """

    rank = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The means of as many windows of (…, H, W) as asked for, which cover it evenly.

    >>> import numpy as np
    >>> AdaptiveAvgPool2d(2)(np.ones((1, 2, 4, 4))).shape
    (1, 2, 2, 2)
    """

    rank = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The means of as many windows of (…, D, H, W) as asked for, which cover it evenly.

    >>> import numpy as np
    >>> AdaptiveAvgPool3d(2)(np.ones((1, 2, 4, 4, 4))).shape
    (1, 2, 2, 2, 2)
    """

    rank = 3


class MaxUnpool1d(_MaxUnpool):
    """Images (…, L) with the entries where max pooling found them, and zeros elsewhere.

    >>> import numpy as np
    >>> pooled, indices = MaxPool1d(2, return_indices=True)(np.ones((1, 2, 4)))
    >>> MaxUnpool1d(2)(pooled, indices).shape
    (1, 2, 4)
    """

    rank = 1


class MaxUnpool2d(_MaxUnpool):
    """Images (…, H, W) with the entries where max pooling found them, and zeros elsewhere.

    >>> import numpy as np
    >>> pooled, indices = MaxPool2d(2, return_indices=True)(np.ones((1, 2, 4, 4)))
    >>> MaxUnpool2d(2)(pooled, indices).shape
    (1, 2, 4, 4)
    """

    rank = 2


class MaxUnpool3d(_MaxUnpool):
    """Images (…, D, H, W) with the entries where max pooling found them, and zeros elsewhere.

    >>> import numpy as np
    >>> pooled, indices = MaxPool3d(2, return_indices=True)(np.ones((1, 2, 4, 4, 4)))
    >>> MaxUnpool3d(2)(pooled, indices).shape
    (1, 2, 4, 4, 4)
    """

    rank = 3
