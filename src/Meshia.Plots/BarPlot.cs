using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Meshia.Plots;

/// <summary>Bars below each other, each with its name on the left and its value at its end.</summary>
internal static class BarPlot
{
    private const double HeightOfBar = 26;
    private const double HeightOfAxis = 44;

    /// <summary>The share of the axis that is kept free for the value at a bar's end.</summary>
    private const double RoomForText = 0.16;

    /// <summary>Draws them, in their order from above.</summary>
    /// <param name="bars">The bars; at least one.</param>
    /// <param name="id">What no other plot of the page is called.</param>
    public static XElement Draw(IReadOnlyList<Bar> bars, string id)
    {
        var (low, high) = (Math.Min(0, bars.Min(bar => bar.Value)), Math.Max(0, bars.Max(bar => bar.Value)));
        var room = low < high ? (high - low) * RoomForText : 1;
        var names = new CategoryAxis
        {
            Position = AxisPosition.Left,
            StartPosition = 1,
            EndPosition = 0,
            GapWidth = 0.35,
            TickStyle = TickStyle.None,
            IsZoomEnabled = false,
        };
        var series = new BarSeries { LabelFormatString = "{Text}", LabelPlacement = LabelPlacement.Outside, StrokeThickness = 0 };
        foreach (var bar in bars)
        {
            names.Labels.Add(Drawing.Plain(bar.Label));
            series.Items.Add(new LabelledItem { Value = bar.Value, Color = Drawing.Fill(bar.Mark), Text = bar.Text });
        }

        var model = new PlotModel();
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
        return Drawing.Export(model, HeightOfAxis + (HeightOfBar * bars.Count), id);
    }

    private sealed class LabelledItem : BarItem
    {
        public string Text { get; init; } = "";
    }
}
