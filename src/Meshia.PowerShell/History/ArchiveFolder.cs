using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>Opens an archive that a user names.</summary>
internal static class ArchiveFolder
{
    /// <summary>The archive of a folder; where it cannot be read, the command ends.</summary>
    public static ExperimentArchive? Open(PSCmdlet cmdlet, string path)
    {
        var folder = FileSystemPath.Resolve(cmdlet, path);
        try
        {
            return ExperimentArchive.Open(folder);
        }
        catch (DirectoryNotFoundException failure)
        {
            cmdlet.ThrowTerminatingError(StreamRecord.Error(failure, "ArchiveNotFound", ErrorCategory.ObjectNotFound, path, advice: $"Sync-MeshiaExperiment -Path {folder:command} makes one."));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            cmdlet.ThrowTerminatingError(StreamRecord.Error(failure, "FileError", ErrorCategory.ReadError, path));
        }

        return null;
    }
}
