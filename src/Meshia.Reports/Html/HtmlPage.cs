using System.Text;
using System.Xml;

namespace Meshia.Reports;

/// <summary>
/// A report as one HTML file that asks for nothing. It is written as XML, the plots too, so that no text of the service
/// can become markup: there is no way to write one that is not escaped.
/// </summary>
internal abstract class HtmlPage(Stream stream) : IDisposable
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

    /// <summary>A longer text is folded, so that the table stays one.</summary>
    private const int LongestText = 120;

    private readonly XmlWriter _html = XmlWriter.Create(stream, new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.None });

    public void Dispose() => _html.Dispose();

    /// <summary>Writes the page around its content.</summary>
    /// <param name="title">Its title, clean.</param>
    /// <param name="styles">Style sheets beside <c>page.css</c>, by the names of their resources.</param>
    /// <param name="scripts">Scripts beside <c>theme.js</c>.</param>
    /// <param name="header">Writes what stands below the title.</param>
    /// <param name="main">Writes the content.</param>
    protected void WritePage(string title, string[] styles, string[] scripts, Action header, Action main)
    {
        _html.WriteRaw("<!DOCTYPE html>\n");
        Start("html", ("lang", "en"));
        Start("head");
        Void("meta", ("charset", "utf-8"));
        Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", Policy));
        Void("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        Void("meta", ("name", "color-scheme"), ("content", "light dark"));
        Element("title", title);
        Start("style");
        foreach (var name in (string[])["page.css", .. styles])
            _html.WriteRaw(Resource(name));
        End();
        End();

        Start("body");
        Start("header");
        Element("h1", title);
        header();
        End();
        Start("main");
        main();
        End();
        Start("p", ("id", "sorted"), ("class", "unseen"), ("role", "status"));
        End();
        Start("script");
        foreach (var name in (string[])["theme.js", .. scripts])
            _html.WriteRaw(Resource(name));
        End();
        End();
        End();
    }

    /// <summary>Writes markup that was written elsewhere, and escaped there.</summary>
    protected void Raw(string markup) => _html.WriteRaw(markup);

    /// <summary>Has something written straight to the file, in the element that is open.</summary>
    protected void Insert(Action<Stream> write)
    {
        // With it the element ends in which the part stands, and what was written is on its way.
        _html.WriteRaw("");
        _html.Flush();
        write(stream);
    }

    protected void Text(string text) => _html.WriteString(text);

    /// <summary>A text of the service; a long one is folded.</summary>
    protected void Folded(string text)
    {
        var clean = ReportText.Clean(text);
        if (clean.Length <= LongestText)
        {
            Element("bdi", clean);
            return;
        }

        Start("details");
        Start("summary");
        Element("bdi", ReportText.Clean(clean.Substring(0, LongestText)) + "…");
        End();
        Element("bdi", clean);
        End();
    }

    protected void Status(string? status)
    {
        if (status is not null)
            Element("span", ReportText.Clean(status), ("class", status == ExperimentStatus.Completed ? null : status == ExperimentStatus.Failed ? "failed" : "unfinished"));
    }

    /// <summary>A cell of a value that an experiment does not have.</summary>
    protected void NoValue()
    {
        Start("td", ("class", "none"));
        Element("span", "–", ("aria-hidden", "true"));
        Element("span", "not there", ("class", "unseen"));
        End();
    }

    /// <summary>Begins a section with a table that can be scrolled by keyboard too, up to its headings.</summary>
    /// <param name="title">The section's title.</param>
    /// <param name="caption">What the table says.</param>
    /// <param name="beforeTable">Writes what stands between them.</param>
    protected void StartTable(string title, string caption, Action? beforeTable = null)
    {
        var id = title.ToLowerInvariant().Replace(' ', '-');
        Start("section");
        Element("h2", title, ("id", id));
        beforeTable?.Invoke();
        Start("div", ("class", "scroll"), ("role", "region"), ("aria-labelledby", id), ("tabindex", "0"));
        Start("table");
        Element("caption", caption);
        Start("thead");
        Start("tr");
    }

    protected void StartRows()
    {
        End();
        End();
        Start("tbody");
    }

    protected void EndTable()
    {
        for (var level = 0; level < 4; level++)
            End();
    }

    protected void Element(string name, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(name, attributes);
        _html.WriteString(text);
        End();
    }

    protected void Start(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _html.WriteStartElement(name);
        Attributes(attributes);
    }

    protected void StartSvg(params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _html.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Attributes(attributes);
    }

    /// <summary>An element that HTML never closes.</summary>
    protected void Void(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(name, attributes);
        _html.WriteEndElement();
    }

    /// <summary>Ends the element that was started last; HTML does not know one that closes itself.</summary>
    protected void End() => _html.WriteFullEndElement();

    private void Attributes(ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            if (value is not null)
                _html.WriteAttributeString(name, value);
        }
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(HtmlPage).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().Replace("\r\n", "\n");
    }
}
