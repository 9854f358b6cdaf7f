using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>A cmdlet that writes a report to files: each gets its name when it is whole.</summary>
public abstract class ExportingCmdlet : AsyncCmdlet
{
    /// <summary>What is written may be megabytes.</summary>
    private protected const int BufferSize = 1 << 16;

    /// <summary>The title of the report.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>Replaces files that are there already.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the files that were written.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected static string ExtensionOf(string path) => Path.GetExtension(path).ToLowerInvariant();

    /// <summary>Ends the command if a path does not say what to write.</summary>
    private protected void CheckExtension(string path, string[] valid)
    {
        if (!valid.Contains(ExtensionOf(path)))
            ThrowTerminatingError(new ArgumentException($"'{path}' has no known extension. Valid extensions: {string.Join(", ", valid)}").ToErrorRecord("UnknownFormat", path));
    }

    /// <summary>Writes a file.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="write">Writes its content.</param>
    private protected void Export(string path, Action<Stream> write)
    {
        var temporary = "";
        try
        {
            var target = TargetOf(path);
            var folder = Path.GetDirectoryName(target)!;
            if (!Force && File.Exists(path))
                throw new IOException($"'{path}' exists already.");
            if (Directory.Exists(path))
                throw new IOException($"'{path}' is a folder.");
            if (!Directory.Exists(folder))
                throw new DirectoryNotFoundException($"The folder '{folder}' of '{path}' does not exist.");
            temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
            Run(_ =>
            {
                Save(write, temporary, target);
                return Task.CompletedTask;
            });
            if (PassThru)
                WriteObject(new FileInfo(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var (id, category, action) = failure switch
            {
                DirectoryNotFoundException => ("FileError", ErrorCategory.ObjectNotFound, "Create the folder, or use an existing one in -Path."),
                UnauthorizedAccessException => ("FileError", ErrorCategory.PermissionDenied, "Check the path and its permissions."),
                _ when Directory.Exists(path) => ("FileError", ErrorCategory.InvalidArgument, "In -Path, give a file, not a folder."),
                _ when File.Exists(path) && !Force => ("FileExists", ErrorCategory.ResourceExists, "Use another name, or -Force to replace it."),
                _ => ("FileError", ErrorCategory.WriteError, "Check the path and the free space."),
            };
            // Nobody knows the file that was written beside it.
            var message = temporary.Length > 0 ? failure.Message.Replace(temporary, path) : failure.Message;
            WriteError(StreamRecord.Error(failure, id, category, path, $"{message:long}", $"{action}"));
        }
    }

    /// <summary>Writes beside the target and gives it its name when it is whole.</summary>
    private void Save(Action<Stream> write, string temporary, string target)
    {
        try
        {
            using (var file = File.Create(temporary, BufferSize))
                write(file);
            if (Force)
                OwnFile.Replace(temporary, target);
            else
                OwnFile.Move(temporary, target);
        }
        finally
        {
            OwnFile.Delete(temporary);
        }
    }

    /// <summary>What is written: where the path is a link, what it leads to. .NET Framework cannot tell, so a link is refused there.</summary>
    private static string TargetOf(string path)
    {
#if NET
        return new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
#else
        return path;
#endif
    }
}
