using System.Globalization;
using System.Text;
using System.Xml;
using OxyPlot;

namespace Meshia.Reports;

/// <summary>
/// A plot as SVG for an HTML page: the plotting library draws in numbered colours, and each becomes a class, so that the
/// page's style sheet gives the colours of its theme.
/// </summary>
internal sealed class Drawing : ClippingRenderContext
{
    public const double Width = 640;

    private const byte Marker = 7;
    private const double WidthOfLetter = 7.2;

    /// <summary>Between the two characters with which the library begins an index, so that a name is no formula.</summary>
    private const string NoFormula = "\u2060";

    private readonly XmlWriter _svg;
    private readonly string _id;
    private readonly IRenderContext _measure;
    private int _clips;

    private Drawing(XmlWriter svg, double height, string id) => (_svg, _id, _measure) = (svg, id, new PdfRenderContext(Width, height, OxyColors.Undefined));

    public static OxyColor Text { get; } = ColorOf(0);

    public static OxyColor Grid { get; } = ColorOf(1);

    /// <summary>A bar, by its mark: the classes b0, b1, b2.</summary>
    public static OxyColor Fill(BarMark mark) => ColorOf(10 + (int)mark);

    /// <summary>A line, by its number: the classes s0, s1 and so on.</summary>
    public static OxyColor Stroke(int number) => ColorOf(20 + number);

    /// <summary>A text that the library draws as it is.</summary>
    public static string Plain(string text) => text.Replace("_{", "_" + NoFormula + "{").Replace("^{", "^" + NoFormula + "{");

    /// <summary>How wide a text may be in any font.</summary>
    public static double WidthOf(string text) => text.Sum(letter => letter < '\u2E80' ? WidthOfLetter : WidthOfLetter * 1.8);

    /// <summary>Draws a plot.</summary>
    /// <param name="model">The plot, in the colours of this class.</param>
    /// <param name="height">How high it is.</param>
    /// <param name="id">What no other plot of the page is called.</param>
    /// <param name="description">The text for a screen reader.</param>
    /// <returns>An <c>svg</c> element.</returns>
    public static string Draw(PlotModel model, double height, string id, string description)
    {
        model.Culture = CultureInfo.InvariantCulture;
        model.TextColor = Text;
        model.PlotAreaBorderColor = OxyColors.Undefined;
        model.PlotAreaBorderThickness = new OxyThickness(0);
        var drawn = new StringBuilder();
        using (var svg = XmlWriter.Create(drawn, new() { OmitXmlDeclaration = true }))
        {
            svg.WriteStartElement("svg", "http://www.w3.org/2000/svg");
            svg.WriteAttributeString("viewBox", FormattableString.Invariant($"0 0 {Width} {height}"));
            svg.WriteAttributeString("role", "img");
            svg.WriteAttributeString("aria-labelledby", id);
            svg.WriteStartElement("title");
            svg.WriteAttributeString("id", id);
            svg.WriteString(description);
            svg.WriteEndElement();
            ((IPlotModel)model).Update(updateData: true);
            ((IPlotModel)model).Render(new Drawing(svg, height, id), new(0, 0, Width, height));
        }

        // The model keeps what it could not draw to itself, and writes it into the picture.
        return model.GetLastPlotException() is { } failure ? throw new InvalidOperationException(failure.Message, failure) : drawn.ToString();
    }

    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
        string.IsNullOrEmpty(text) ? OxySize.Empty : _measure.MeasureText(text, fontFamily, fontSize, fontWeight);

    public override void DrawText(ScreenPoint p, string text, OxyColor fill, string fontFamily, double fontSize, double fontWeight, double rotation, HorizontalAlignment horizontalAlignment, VerticalAlignment verticalAlignment, OxySize? maxSize)
    {
        if (string.IsNullOrEmpty(text))
            return;
        _svg.WriteStartElement("text");
        _svg.WriteAttributeString("dominant-baseline", verticalAlignment switch { VerticalAlignment.Top => "hanging", VerticalAlignment.Middle => "middle", _ => "baseline" });
        _svg.WriteAttributeString("text-anchor", horizontalAlignment switch { HorizontalAlignment.Left => "start", HorizontalAlignment.Center => "middle", _ => "end" });
        _svg.WriteAttributeString("transform", $"translate({Number(p.X)},{Number(p.Y)})");
        _svg.WriteAttributeString("class", ClassOf(fill));
        _svg.WriteString(text.Replace(NoFormula, ""));
        _svg.WriteEndElement();
    }

    public override void DrawLine(IList<ScreenPoint> points, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode, double[] dashArray, LineJoin lineJoin) =>
        WriteShape("polyline", points, stroke, edgeRenderingMode);

    public override void DrawPolygon(IList<ScreenPoint> points, OxyColor fill, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode, double[] dashArray, LineJoin lineJoin) =>
        WriteShape("polygon", points, fill, edgeRenderingMode);

    public override void DrawRectangle(OxyRect rectangle, OxyColor fill, OxyColor stroke, double thickness, EdgeRenderingMode edgeRenderingMode)
    {
        if (IsNumbered(fill))
            WriteRectangle(rectangle, ClassOf(fill), edgeRenderingMode);
    }

    protected override void SetClip(OxyRect clippingRectangle)
    {
        var id = FormattableString.Invariant($"{_id}-clip{++_clips}");
        _svg.WriteStartElement("defs");
        _svg.WriteStartElement("clipPath");
        _svg.WriteAttributeString("id", id);
        WriteRectangle(clippingRectangle);
        _svg.WriteEndElement();
        _svg.WriteEndElement();
        _svg.WriteStartElement("g");
        _svg.WriteAttributeString("clip-path", $"url(#{id})");
    }

    protected override void ResetClip() => _svg.WriteEndElement();

    private static OxyColor ColorOf(int number) => OxyColor.FromRgb(Marker, Marker, (byte)number);

    private static bool IsNumbered(OxyColor color) => color is { A: byte.MaxValue, R: Marker, G: Marker };

    private static string ClassOf(OxyColor color) => color.B switch
    {
        0 => "t",
        1 => "g",
        < 20 => FormattableString.Invariant($"b{color.B - 10}"),
        _ => FormattableString.Invariant($"l s{color.B - 20}"),
    };

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private void WriteRectangle(OxyRect rectangle, string? name = null, EdgeRenderingMode edges = EdgeRenderingMode.Adaptive)
    {
        _svg.WriteStartElement("rect");
        _svg.WriteAttributeString("x", Number(rectangle.Left));
        _svg.WriteAttributeString("y", Number(rectangle.Top));
        _svg.WriteAttributeString("width", Number(rectangle.Width));
        _svg.WriteAttributeString("height", Number(rectangle.Height));
        EndShape(name, edges);
    }

    private void WriteShape(string name, IList<ScreenPoint> points, OxyColor color, EdgeRenderingMode edges)
    {
        // The library draws what is not to be seen too.
        if (!IsNumbered(color))
            return;
        _svg.WriteStartElement(name);
        _svg.WriteAttributeString("points", string.Join(" ", points.Select(point => $"{Number(point.X)},{Number(point.Y)}")));
        EndShape(ClassOf(color), edges);
    }

    private void EndShape(string? name, EdgeRenderingMode edges)
    {
        if (edges == EdgeRenderingMode.PreferSharpness)
            _svg.WriteAttributeString("shape-rendering", "crispEdges");
        if (name is not null)
            _svg.WriteAttributeString("class", name);
        _svg.WriteEndElement();
    }
}
