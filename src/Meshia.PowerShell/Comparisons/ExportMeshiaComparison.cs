using System.Management.Automation;
using System.Text;

namespace Meshia.PowerShell;

/// <summary><c>Export-MeshiaComparison</c>: writes a comparison to files, as HTML, Markdown, CSV or JSON.</summary>
[Cmdlet(VerbsData.Export, "MeshiaComparison", SupportsShouldProcess = true, HelpUri = HelpAddress.Base + "Export-MeshiaComparison.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportMeshiaComparison : AsyncCmdlet
{
    /// <summary>What is written may be megabytes.</summary>
    private const int BufferSize = 1 << 16;

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
            ThrowTerminatingError(new ArgumentException($"'{path}' does not say what to write. Valid extensions: {string.Join(", ", _extensions)}").ToErrorRecord("UnknownFormat", path));
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
            if (ShouldProcess($"{file:long}", $"Write the comparison of {_written.Experiments.Count} experiments"))
                Export(_written, file);
        }
    }

    private void Export(ExperimentComparison comparison, string path)
    {
        var temporary = "";
        try
        {
            var target = TargetOf(path);
            var folder = System.IO.Path.GetDirectoryName(target)!;
            if (!Force && File.Exists(path))
                throw new IOException($"'{path}' is there already.");
            if (Directory.Exists(path))
                throw new IOException($"'{path}' is a folder.");
            if (!Directory.Exists(folder))
                throw new DirectoryNotFoundException($"There is no folder '{folder}' for '{path}'.");
            temporary = System.IO.Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
            Run(_ =>
            {
                Save(comparison, ExtensionOf(path), temporary, target);
                return Task.CompletedTask;
            });
            if (PassThru)
                WriteObject(new FileInfo(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var (id, category, action) = failure switch
            {
                DirectoryNotFoundException => ("FileError", ErrorCategory.ObjectNotFound, "Make the folder first, or name one in -Path that is there."),
                UnauthorizedAccessException => ("FileError", ErrorCategory.PermissionDenied, "Check the path and its permissions."),
                _ when Directory.Exists(path) => ("FileError", ErrorCategory.InvalidArgument, "Name a file in -Path, in this folder or in another."),
                _ when File.Exists(path) && !Force => ("FileExists", ErrorCategory.ResourceExists, "Use another name, or -Force to replace it."),
                _ => ("FileError", ErrorCategory.WriteError, "Check the path and the free space."),
            };
            // Nobody knows the file that was written beside it.
            var message = temporary.Length > 0 ? failure.Message.Replace(temporary, path) : failure.Message;
            WriteError(StreamRecord.Error(failure, id, category, path, $"{message:long}", $"{action}"));
        }
    }

    /// <summary>Writes beside the target and gives it its name when it is whole.</summary>
    private void Save(ExperimentComparison comparison, string extension, string temporary, string target)
    {
        try
        {
            using (var file = File.Create(temporary, BufferSize))
                Write(file, comparison, extension);
            if (Force && File.Exists(target))
                File.Replace(temporary, target, null);
            else
                File.Move(temporary, target);
        }
        finally
        {
            File.Delete(temporary);
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

    /// <summary>What is written: where the path is a link, what it leads to. The .NET Framework cannot tell, and the link is replaced there.</summary>
    private static string TargetOf(string path)
    {
#if NET
        return new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
#else
        return path;
#endif
    }

    private static string ExtensionOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant();
}
