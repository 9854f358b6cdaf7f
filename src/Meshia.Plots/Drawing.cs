using System.Globalization;
using System.Text;
using System.Xml.Linq;
using OxyPlot;

namespace Meshia.Plots;

/// <summary>
/// A plot as SVG for an HTML page: the plotting library draws numbered colours, and each becomes a class, so that the
/// page's style sheet gives the colours of its theme.
/// </summary>
internal static class Drawing
{
    public const double Width = 640;

    private const byte Marker = 7;
    private const double WidthOfLetter = 7.2;

    /// <summary>Between the two characters with which the library begins an index, so that a name is no formula.</summary>
    private const string NoFormula = "\u2060";

    private static readonly XNamespace _svg = "http://www.w3.org/2000/svg";
    private static readonly string[] _kept = ["points", "d", "x", "y", "width", "height", "x1", "y1", "x2", "y2", "transform", "text-anchor", "dominant-baseline", "shape-rendering"];

    public static OxyColor Text { get; } = ColorOf(0);

    public static OxyColor Grid { get; } = ColorOf(1);

    /// <summary>A bar, by its mark: the classes b0, b1, b2.</summary>
    public static OxyColor Fill(BarMark mark) => ColorOf(10 + (int)mark);

    /// <summary>A line, by its number: the classes s0, s1 and so on.</summary>
    public static OxyColor Stroke(int number) => ColorOf(20 + number);

    /// <summary>A text that the library draws as it is.</summary>
    public static string Plain(string text) => text.Replace("_{", "_" + NoFormula + "{").Replace("^{", "^" + NoFormula + "{");

    /// <summary>How wide a text may be in whatever font the reader has.</summary>
    public static double WidthOf(string text) => text.Sum(letter => letter < '\u2E80' ? WidthOfLetter : WidthOfLetter * 1.8);

    /// <summary>Draws a plot.</summary>
    /// <param name="model">The plot, in the colours of this class.</param>
    /// <param name="height">How high it is.</param>
    /// <param name="id">What no other plot of the page is called.</param>
    public static XElement Export(PlotModel model, double height, string id)
    {
        model.Culture = CultureInfo.InvariantCulture;
        model.TextColor = Text;
        model.PlotAreaBorderColor = OxyColors.Undefined;
        model.PlotAreaBorderThickness = new OxyThickness(0);
        using var stream = new MemoryStream();
        new SvgExporter { Width = Width, Height = height }.Export(model, stream);
        var drawn = XDocument.Parse(Encoding.UTF8.GetString(stream.ToArray()).TrimStart('\uFEFF')).Root!;
        // The model keeps what it could not draw to itself, and writes it into the picture.
        if (model.GetLastPlotException() is { } failure)
            throw new InvalidOperationException(failure.Message, failure);
        return new(
            _svg + "svg",
            new XAttribute("viewBox", FormattableString.Invariant($"0 0 {Width} {height}")),
            drawn.Elements().Select(element => Themed(element, id)));
    }

    private static OxyColor ColorOf(int number) => OxyColor.FromRgb(Marker, Marker, (byte)number);

    private static XElement? Themed(XElement element, string id)
    {
        var style = element.Attribute("style")?.Value ?? "";
        var name = ClassOf(style) ?? ClassOf("fill:" + element.Attribute("fill")?.Value);
        var attributes = new List<XAttribute>();
        foreach (var attribute in element.Attributes())
        {
            if (_kept.Contains(attribute.Name.LocalName))
                attributes.Add(new(attribute.Name.LocalName, attribute.Value));
            else if (attribute.Name == "id")
                attributes.Add(new("id", $"{id}-{attribute.Value}"));
            else if (attribute.Name == "clip-path")
                attributes.Add(new("clip-path", attribute.Value.Replace("#", $"#{id}-")));
        }

        if (name is not null)
            attributes.Add(new("class", name));
        else if (style.Contains("fill:none;stroke:none"))
            return null;
        return new(
            _svg + element.Name.LocalName,
            attributes,
            element.HasElements ? element.Elements().Select(inner => Themed(inner, id)) : element.Value.Replace(NoFormula, ""));
    }

    /// <summary>The class of the numbered colour in a style, or null.</summary>
    private static string? ClassOf(string style)
    {
        var prefix = FormattableString.Invariant($"rgb({Marker},{Marker},");
        var start = style.IndexOf(prefix, StringComparison.Ordinal);
        if (start < 0)
            return null;
        var number = int.Parse(style.Substring(start + prefix.Length).Split(')')[0], CultureInfo.InvariantCulture);
        return number switch
        {
            0 => "t",
            1 => "g",
            < 20 => FormattableString.Invariant($"b{number - 10}"),
            _ => FormattableString.Invariant($"l s{number - 20}"),
        };
    }
}
