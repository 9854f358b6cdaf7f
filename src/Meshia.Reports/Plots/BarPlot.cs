using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Meshia.Reports;

/// <summary>Bars below each other, each with its name on the left and its value at its end.</summary>
internal static class BarPlot
{
    private const double HeightOfBar = 26;
    private const double HeightOfAxis = 44;
    private const double Gap = 5;

    private const double RightMargin = 40;

    /// <summary>Draws them, in their order from above.</summary>
    /// <param name="bars">The bars; at least one.</param>
    /// <param name="id">What no other plot of the page is called.</param>
    /// <param name="description">The text for a screen reader.</param>
    public static string Draw(IReadOnlyList<Bar> bars, string id, string description)
    {
        var (low, high) = (Math.Min(0, bars.Min(bar => bar.Value)), Math.Max(0, bars.Max(bar => bar.Value)));
        var left = bars.Max(bar => Drawing.WidthOf(bar.Label)) + Gap;
        // The value at a bar's end needs room on the axis, on each side that has bars.
        var text = bars.Max(bar => Drawing.WidthOf(bar.Text)) + Gap;
        var drawn = Math.Max(Drawing.Width - left - RightMargin - ((low < 0 ? text : 0) + (high > 0 ? text : 0)), text);
        var room = low < high ? (high - low) * (text / drawn) : 1;
        var names = new CategoryAxis
        {
            Position = AxisPosition.Left,
            StartPosition = 1,
            EndPosition = 0,
            GapWidth = 0.35,
            TickStyle = TickStyle.None,
            IsZoomEnabled = false,
        };
        var series = new BarSeries { StrokeThickness = 0 };
        var model = new PlotModel { PlotMargins = new(left, double.NaN, double.NaN, double.NaN) };
        for (var index = 0; index < bars.Count; index++)
        {
            var bar = bars[index];
            names.Labels.Add(Drawing.Plain(bar.Label));
            series.Items.Add(new BarItem { Value = bar.Value, Color = Drawing.Fill(bar.Mark) });
            model.Annotations.Add(new TextAnnotation
            {
                Text = Drawing.Plain(bar.Text),
                TextPosition = new(bar.Value, index),
                TextHorizontalAlignment = bar.Value < 0 ? HorizontalAlignment.Right : HorizontalAlignment.Left,
                TextVerticalAlignment = VerticalAlignment.Middle,
                Offset = new(bar.Value < 0 ? -Gap : Gap, 0),
                StrokeThickness = 0,
                Stroke = OxyColors.Undefined,
                ClipByXAxis = false,
            });
        }

        model.Axes.Add(names);
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = low < 0 ? low - room : 0,
            Maximum = high > 0 ? high + room : low < 0 ? 0 : room,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Drawing.Grid,
            TickStyle = TickStyle.None,
        });
        model.Series.Add(series);
        return Drawing.Draw(model, HeightOfAxis + (HeightOfBar * bars.Count), id, description);
    }
}
