using System.Management.Automation;
using System.Text;

namespace Meshia.PowerShell;

/// <summary><c>Export-MeshiaComparison</c>: writes a comparison to files, as HTML, Markdown, CSV or JSON.</summary>
[Cmdlet(VerbsData.Export, "MeshiaComparison", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Export-MeshiaComparison.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportMeshiaComparison : AsyncCmdlet
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

    /// <summary>The title of the HTML page and of the Markdown.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>Replaces files that are there already.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the files that were written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Before anything is compared for a file that cannot be written.
        foreach (var path in Path.Where(path => !_extensions.Contains(ExtensionOf(path))))
            ThrowTerminatingError(new ArgumentException($"'{path}' does not say what to write. Right extensions: {string.Join(", ", _extensions)}").ToErrorRecord("UnknownFormat", path));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_written is not null)
        {
            WriteError(new ArgumentException("-Path names the files of one comparison, and this is another.").ToErrorRecord("InvalidArgument", InputObject));
            return;
        }

        _written = InputObject!;
        foreach (var path in Path)
        {
            var file = FileSystemPath.Resolve(this, path);
            if (ShouldProcess(file, FormattableString.Invariant($"Write the comparison of {_written.Experiments.Count} experiments")))
                Export(_written, file);
        }
    }

    private void Export(ExperimentComparison comparison, string path)
    {
        try
        {
            if (!Force && File.Exists(path))
                throw new IOException($"'{path}' is there already.");
            Run(_ =>
            {
                Save(comparison, path);
                return Task.CompletedTask;
            });
            if (PassThru)
                WriteObject(new FileInfo(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var (id, category, action) = failure switch
            {
                DirectoryNotFoundException => ("FileError", ErrorCategory.ObjectNotFound, "Make the folder first."),
                UnauthorizedAccessException => ("FileError", ErrorCategory.PermissionDenied, "Check the path and its permissions."),
                _ when File.Exists(path) && !Force => ("FileExists", ErrorCategory.ResourceExists, "Use another name, or -Force to replace it."),
                _ => ("FileError", ErrorCategory.WriteError, "Check the path and the free space."),
            };
            WriteError(new ErrorRecord(failure, id, category, path) { ErrorDetails = new(failure.Message) { RecommendedAction = action } });
        }
    }

    /// <summary>Writes beside the target and gives it its name when it is whole.</summary>
    private void Save(ExperimentComparison comparison, string path)
    {
        var temporary = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $".{Guid.NewGuid():N}.tmp");
        try
        {
            // A spreadsheet takes a file for UTF-8 only where it begins with the mark.
            using (var writer = new StreamWriter(temporary, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: ExtensionOf(path) == ".csv")))
                Write(writer, comparison, ExtensionOf(path));
            if (Force && File.Exists(path))
                File.Replace(temporary, path, null);
            else
                File.Move(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void Write(TextWriter writer, ExperimentComparison comparison, string extension)
    {
        var title = Title ?? FormattableString.Invariant($"Comparison of {comparison.Experiments.Count} experiments");
        switch (extension)
        {
            case ".html": HtmlReport.Write(writer, comparison, title); break;
            case ".md": MarkdownReport.Write(writer, comparison, title); break;
            case ".csv": CsvReport.Write(writer, comparison); break;
            default: writer.Write(comparison.ToJson() + "\n"); break;
        }
    }

    private static string ExtensionOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant();
}
