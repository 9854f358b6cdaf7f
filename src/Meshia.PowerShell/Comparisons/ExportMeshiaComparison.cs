using System.Management.Automation;
using System.Text;

namespace Meshia.PowerShell;

/// <summary><c>Export-MeshiaComparison</c>: writes a comparison to files, as HTML, Markdown, CSV or JSON.</summary>
[Cmdlet(VerbsData.Export, "MeshiaComparison", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Export-MeshiaComparison.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportMeshiaComparison : ExportingCmdlet
{
    private static readonly string[] _extensions = [".html", ".md", ".csv", ".json"];

    private ExperimentComparison? _written;

    /// <summary>The files; the extension of each says what is written: .html, .md, .csv or .json.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>A comparison, as Compare-MeshiaExperiment gives it.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ComparisonObject]
    [ValidateNotNull]
    public ExperimentComparison? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Before anything is compared for a file that cannot be written.
        foreach (var path in Path)
            CheckExtension(path, _extensions);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_written is not null)
        {
            WriteError(new ArgumentException("-Path is for the files of one comparison, and this is a second one.").ToErrorRecord("InvalidArgument", InputObject));
            return;
        }

        _written = InputObject!;
        foreach (var path in Path)
        {
            var file = FileSystemPath.Resolve(this, path);
            if (ShouldProcess($"{file:long}", $"Write the comparison of {_written.Experiments.Count} experiments"))
                Export(file, stream => Write(stream, _written, ExtensionOf(file)));
        }
    }

    private void Write(Stream file, ExperimentComparison comparison, string extension)
    {
        var title = Title ?? FormattableString.Invariant($"Comparison of {comparison.Experiments.Count} experiments");
        switch (extension)
        {
            case ".html":
                HtmlReport.Write(file, comparison, title);
                break;
            case ".json":
                comparison.WriteJson(file);
                file.WriteByte((byte)'\n');
                break;
            case ".md":
                WriteText(writer => MarkdownReport.Write(writer, comparison, title), isMarked: false);
                break;
            default:
                // A spreadsheet takes a file for UTF-8 only where it begins with the mark.
                WriteText(writer => CsvReport.Write(writer, comparison), isMarked: true);
                break;
        }

        void WriteText(Action<TextWriter> write, bool isMarked)
        {
            using var writer = new StreamWriter(file, new UTF8Encoding(isMarked), BufferSize);
            write(writer);
        }
    }
}
